"""Who goes around the mesh: pods without a proxy, traffic that a proxy does not see, and proxies that tenants change.

Source: https://istio.io/latest/docs/ops/best-practices/security/ and
https://istio.io/latest/docs/ops/deployment/application-requirements/.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tenantmesh.graph.annotations import ANNOTATIONS, DOMAIN, HARMLESS, Bypass, proxy_config
from tenantmesh.graph.cluster import Cluster, Namespace
from tenantmesh.graph.envoyfilters import understood
from tenantmesh.graph.envoyfilters.login import only_files
from tenantmesh.graph.fact import Fact
from tenantmesh.graph.flow import Proxy, Workload
from tenantmesh.graph.pods import Container, Mark, Pods, Settings, containers, facts, placed, pod_context
from tenantmesh.graph.reporting import only_reports
from tenantmesh.graph.signing import only_signer
from tenantmesh.manifest import Body

__all__ = ["PROXY_OBJECTS", "PROXY_USER", "Bypass", "Bypasses"]

PROXY_USER = 1337
"""The user and the group of the proxy, whose traffic is not redirected to the proxy."""
PROXY_OBJECTS = (
    ("networking.istio.io", "EnvoyFilter"),
    ("networking.istio.io", "ProxyConfig"),
    ("extensions.istio.io", "WasmPlugin"),
    ("extensions.istio.io", "TrafficExtension"),
    ("telemetry.istio.io", "Telemetry"),
)
"""The kinds that change a proxy itself, by group."""

_PROXY = "istio-proxy"
_PROXY_CONFIG = "ProxyConfig"
_TELEMETRY = "Telemetry"
_NETWORK = frozenset({"ALL", "BPF", "NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE"})
# What a tenant may say of an injected proxy without changing what it does.
_PROXY_FIELDS = frozenset({"name", "ports", "resources", "securityContext", "readinessProbe", "startupProbe"})
_OWN_IMAGE = ("auto", None)


class Bypasses:
    """Finds the facts of each namespace; equal specs and equal settings are looked at once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._containers = Settings(_settings)
        self._pods = Pods(self._pod)

    def of(self, namespace: str) -> tuple[Fact, ...]:
        """All by which somebody in `namespace` goes around the mesh, or can."""
        space = self._cluster.namespaces.get(namespace)
        found = list(_space(space)) if space else []
        found += self._objects(namespace)
        for workload in self._cluster.workloads.get(namespace, ()):
            marks = self._pods.of(workload)
            if marks:
                found += facts(workload, marks)
            if workload.proxy in _OUT:
                found += facts(workload, _membership(workload, space))
            if workload.annotations:
                found += facts(workload, _annotations(workload))
            if not _BAD_LABELS.keys().isdisjoint(workload.labels):
                found += facts(workload, _labels(workload.labels))
        return tuple(found)

    def _pod(self, spec: Mapping[str, Any]) -> list[Mark]:
        found: list[Mark] = []
        if spec.get("shareProcessNamespace"):
            reason = "its containers see the proxy's processes, and through them its keys"
            found.append(Mark(Bypass.SEES_PROXY, "spec.shareProcessNamespace", reason))
        whole = pod_context(spec)
        for container in containers(spec):
            marks: Iterable[Mark] = self._containers.of(container.context, whole)
            if container.body.get("name") == _PROXY:
                marks = [one for one in marks if one.kind not in _OF_USERS]
                found += _overridden(container)
            found += placed(marks, container)
        return found

    def _objects(self, namespace: str) -> Iterator[Fact]:
        for group, kind in PROXY_OBJECTS:
            for one in self._cluster.objects(group, kind).get(namespace, ()):
                if self._harmless(one.body, namespace):
                    continue
                reason = "it changes what proxies do"
                yield Fact(kind=Bypass.PROXY_OBJECT, namespace=namespace, object=one, path="", reason=reason)
        for one in self._cluster.objects("", "Service").get(namespace, ()):
            for mark in _labels(one.body["metadata"].get("labels") or {}):
                yield Fact(kind=mark.kind, namespace=namespace, object=one, path=mark.path, reason=mark.reason)

    def _harmless(self, body: Body, namespace: str) -> bool:
        spec = body.get("spec") or {}
        if body.get("kind") == _PROXY_CONFIG:
            return only_signer(spec)
        if body.get("kind") != _TELEMETRY:
            return understood(body, self._cluster.mesh)
        space = self._cluster.namespaces.get(namespace)
        names = frozenset((namespace, *(space.labels.values() if space else ())))
        return only_reports(spec, names, self._cluster.mesh)


_OUT = (Proxy.NONE, Proxy.GATEWAY)


def _space(space: Namespace) -> Iterator[Fact]:
    marks = list(_labels(space.labels))
    if space.labels.get("istio-injection") == "disabled":
        marks.append(Mark(Bypass.INJECTION_OFF, "metadata.labels.istio-injection", "its pods get no proxy"))
    for mark in marks:
        yield Fact(kind=mark.kind, namespace=space.name, object=space.object, path=mark.path, reason=mark.reason)


def _labels(labels: Mapping[str, str]) -> Iterator[Mark]:
    for name in sorted(_BAD_LABELS.keys() & labels.keys()):
        bad, kind, reason = _BAD_LABELS[name]
        if bad(labels[name]):
            yield Mark(kind, f"metadata.labels.{name}", reason)


def _membership(workload: Workload, space: Namespace | None) -> Iterator[Mark]:
    """Why a workload has no proxy of the mesh, or none that takes its traffic."""
    if workload.host_network:
        yield Mark(Bypass.HOST_NETWORK, "spec.hostNetwork", "no proxy is put into a pod of the node's network")
    elif workload.proxy is Proxy.GATEWAY:
        for container in containers(workload.spec):
            if container.body.get("name") != _PROXY:
                reason = "a gateway's proxy takes no traffic of other containers"
                yield Mark(Bypass.OWN_TEMPLATE, container.path, reason)
    else:
        yield _left_out(workload, space)


def _left_out(workload: Workload, space: Namespace | None) -> Mark:
    for name, values in (("labels", workload.labels), ("annotations", workload.annotations)):
        if values.get(_INJECT) == "false":
            return Mark(Bypass.INJECTION_OFF, f"metadata.{name}.{_INJECT}", "it asks for no proxy")
    if space and space.labels.get("istio-injection") == "disabled":
        return Mark(Bypass.INJECTION_OFF, "metadata.labels", "its namespace gets no proxies")
    return Mark(Bypass.OUTSIDE_MESH, "metadata.labels", "neither it nor its namespace asks for a proxy")


def _annotations(workload: Workload) -> Iterator[Mark]:
    values: Mapping[str, Any] = workload.annotations
    for name, value in values.items():
        path = f"metadata.annotations.{name}"
        rule = ANNOTATIONS.get(name)
        if rule is not None:
            harmless, kind, reason = rule
            if not isinstance(value, str) or not harmless(value):
                yield Mark(kind, path, reason)
        elif name == "proxy.istio.io/config":
            yield from proxy_config(value, path)
        elif DOMAIN in name and name not in HARMLESS and name.partition("/")[0].endswith(DOMAIN):
            yield Mark(Bypass.UNKNOWN, path, f"the annotation {name} is not known", unknown=True)


def _overridden(proxy: Container) -> Iterator[Mark]:
    for field, value in proxy.body.items():
        own = (field == "image" and value in _OWN_IMAGE) or (field == "volumeMounts" and only_files(value))
        if field not in _PROXY_FIELDS and not own:
            yield Mark(Bypass.PROXY_OVERRIDE, f"{proxy.path}.{field}", f"it sets {field} of its proxy itself")


def _settings(context: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Mark]:
    for field, kind in (("runAsUser", Bypass.PROXY_USER), ("runAsGroup", Bypass.PROXY_GROUP)):
        own: Any = context.get(field)
        value: Any = own if own is not None else whole.get(field)
        path = field if own is not None else f"spec.securityContext.{field}"
        if value == PROXY_USER or (value is not None and not isinstance(value, int)):
            yield Mark(kind, path, "traffic of the proxy's own user and group is not redirected")
        elif value is None and kind is Bypass.PROXY_USER:
            yield Mark(Bypass.USER_UNSET, field, "its image may choose the proxy's user")
    if context.get("privileged"):
        yield Mark(Bypass.CHANGES_NETWORK, "privileged", "it can take the redirection to the proxy away")
    added: Any = (context.get("capabilities") or {}).get("add") or ()
    for index, name in enumerate(added):
        if not isinstance(name, str) or name.removeprefix("CAP_") in _NETWORK:
            reason = f"with {name} it can take the redirection to the proxy away, or send past it"
            yield Mark(Bypass.CHANGES_NETWORK, f"capabilities.add[{index}]", reason)


_OF_USERS = (Bypass.PROXY_USER, Bypass.PROXY_GROUP, Bypass.USER_UNSET)
_INJECT = "sidecar.istio.io/inject"
_BAD_LABELS: Mapping[str, tuple[Callable[[str], bool], Bypass, str]] = {
    "istio.io/dataplane-mode": (lambda value: value == "none", Bypass.AMBIENT_OFF, "ambient's proxies leave it alone"),
    "istio.io/use-waypoint": (lambda value: value == "none", Bypass.WAYPOINT_OFF, "no waypoint sees its traffic"),
    "security.istio.io/tlsMode": (
        lambda value: value != "istio",
        Bypass.PLAIN_TEXT,
        "callers' proxies send it plain text",
    ),
}
