"""What is reachable past a gateway, and which pods are more than a pod: services, the node's network, privileges.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fact import Fact
from tenantmesh.graph.pods import Container, Mark, Pods, Settings, containers, facts, placed, pod_context
from tenantmesh.graph.podsecurity import CAPABILITIES, SETTINGS, SYSCTLS
from tenantmesh.manifest import ManifestObject


class Exposure(StrEnum):
    """What a Service or a pod opens; the last ones are settings that are absent and could be there."""

    NODE_PORT = "node port"
    LOAD_BALANCER = "load balancer"
    EXTERNAL_IPS = "external addresses"
    HOST_NETWORK = "node's network"
    HOST_PORT = "node's port"
    HOST_PATH = "node's files"
    HOST_PROCESSES = "node's processes"
    HOST_PROBE = "kubelet sent elsewhere"
    PRIVILEGED = "privileged"
    CAPABILITY = "capability"
    ROOT = "root"
    ESCALATION = "privilege escalation"
    UNCONFINED = "unconfined"
    UNKNOWN = "unknown setting"
    MAY_BE_ROOT = "root is not refused"
    MAY_ESCALATE = "privilege escalation is not refused"
    KEEPS_CAPABILITIES = "the runtime's capabilities are kept"
    MAY_CALL = "calls to the kernel are not held"


_PROBES = frozenset({"livenessProbe", "readinessProbe", "startupProbe", "lifecycle"})
_HOOKS = ("postStart", "preStop")
_REQUESTS = ("httpGet", "tcpSocket")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_INSIDE = ("ClusterIP", "ExternalName")
_SERVICES = {
    "NodePort": (Exposure.NODE_PORT, "its ports are open on every node"),
    "LoadBalancer": (Exposure.LOAD_BALANCER, "it has an address outside the cluster"),
}
_HOSTS: Mapping[str, tuple[Exposure, str]] = {
    "hostNetwork": (Exposure.HOST_NETWORK, "it is in the node's network, where no NetworkPolicy and no proxy holds it"),
    "hostPID": (Exposure.HOST_PROCESSES, "it sees the processes of its node"),
    "hostIPC": (Exposure.HOST_PROCESSES, "it shares memory with the processes of its node"),
}


class Exposures:
    """Finds the facts of each namespace; equal specs and equal settings are looked at once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._whole = Settings(lambda context, _: _settings(context))
        self._containers = Settings(_container_settings)
        self._pods = Pods(self._pod)

    def of(self, namespace: str) -> tuple[Fact, ...]:
        """All that is exposed in `namespace`, services first."""
        services = self._cluster.objects("", "Service").get(namespace, ())
        found = [fact for one in services for fact in _service(namespace, one)]
        for workload in self._cluster.workloads.get(namespace, ()):
            marks = self._pods.of(workload)
            if marks:
                found += facts(workload, marks)
        return tuple(found)

    def _pod(self, spec: Mapping[str, Any]) -> list[Mark]:
        found: list[Mark] = []
        if not _HOSTS.keys().isdisjoint(spec):
            found += [Mark(kind, f"spec.{field}", why) for field, (kind, why) in _HOSTS.items() if spec.get(field)]
        for index, volume in enumerate(spec.get("volumes") or ()):
            if "hostPath" in volume:
                found.append(Mark(Exposure.HOST_PATH, f"spec.volumes[{index}].hostPath", "it has files of its node"))
        whole = pod_context(spec)
        if whole:
            found += (one._replace(path=f"spec.securityContext.{one.path}") for one in self._whole.of(whole, whole))
        for container in containers(spec):
            found += _container(container)
            marks = self._containers.of(container.context, whole)
            if marks:
                found += placed(marks, container)
        return found


def _service(namespace: str, one: ManifestObject) -> Iterator[Fact]:
    spec = one.body.get("spec") or {}
    kind = spec.get("type") or _INSIDE[0]
    if kind not in _INSIDE:
        exposure, reason = _SERVICES.get(kind, (Exposure.UNKNOWN, "services of this type are not known"))
        unknown = exposure is Exposure.UNKNOWN
        yield Fact(kind=exposure, namespace=namespace, object=one, path="spec.type", reason=reason, unknown=unknown)
    if spec.get("externalIPs"):
        reason = "every node takes traffic to these addresses for it, whoever else has them"
        yield Fact(kind=Exposure.EXTERNAL_IPS, namespace=namespace, object=one, path="spec.externalIPs", reason=reason)


def _container(container: Container) -> list[Mark]:
    body = container.body
    found: list[Mark] = []
    for index, port in enumerate(body.get("ports") or ()):
        if port.get("hostPort"):
            found.append(
                Mark(Exposure.HOST_PORT, f"{container.path}.ports[{index}].hostPort", "its node listens for it")
            )
    for field in body:
        if field in _PROBES:
            found += _probe(body[field] or _NOTHING, container, field)
    return found


def _probe(probe: Mapping[str, Any], container: Container, path: str) -> list[Mark]:
    """A host in a probe or hook is asked by the kubelet, from the node, past every policy of the pod's own."""
    found: list[Mark] = []
    for action in probe:
        if action in _HOOKS:
            found += _probe(probe[action] or _NOTHING, container, f"{path}.{action}")
        elif action in _REQUESTS and (probe[action] or _NOTHING).get("host"):
            reason = "the kubelet sends requests there from the node"
            found.append(Mark(Exposure.HOST_PROBE, f"{container.path}.{path}.{action}.host", reason))
    return found


def _container_settings(context: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Mark]:
    yield from _settings(context)
    user = context.get("runAsUser", whole.get("runAsUser"))
    non_root = context.get("runAsNonRoot", whole.get("runAsNonRoot"))
    if not non_root and user is None:
        yield Mark(Exposure.MAY_BE_ROOT, "runAsNonRoot", "its image decides whether it runs as root")
    if context.get("allowPrivilegeEscalation") is None and not context.get("privileged"):
        yield Mark(Exposure.MAY_ESCALATE, "allowPrivilegeEscalation", "a program of it may gain privileges")
    dropped = (context.get("capabilities") or {}).get("drop") or ()
    if "ALL" not in dropped and "NET_RAW" not in dropped:
        reason = "it may forge packets, for runtimes give NET_RAW unless it is dropped"
        yield Mark(Exposure.KEEPS_CAPABILITIES, "capabilities.drop", reason)
    if not context.get("seccompProfile") and not whole.get("seccompProfile") and not context.get("privileged"):
        yield Mark(Exposure.MAY_CALL, "seccompProfile", "its runtime may let it call all of the kernel")


def _settings(context: Mapping[str, Any]) -> Iterator[Mark]:
    for field, value in context.items():
        look = _LOOKS.get(field)
        if look is not None:
            yield from look(value, field)
        elif field not in SETTINGS:
            yield Mark(Exposure.UNKNOWN, field, f"the field {field} is not known", unknown=True)


def _capabilities(value: Any, path: str) -> Iterator[Mark]:
    added: Any = (value or {}).get("add") or ()
    for index, name in enumerate(added):
        if not isinstance(name, str) or name.removeprefix("CAP_") not in CAPABILITIES:
            yield Mark(Exposure.CAPABILITY, f"{path}.add[{index}]", f"it has the capability {name}")


def _sysctls(value: Any, path: str) -> Iterator[Mark]:
    for index, one in enumerate(value or ()):
        if one.get("name") not in SYSCTLS:
            yield Mark(Exposure.UNCONFINED, f"{path}[{index}]", f"it sets {one.get('name')} of the kernel")


def _profile(value: Any, path: str) -> Iterator[Mark]:
    if (value or {}).get("type") == "Unconfined":
        yield Mark(Exposure.UNCONFINED, f"{path}.type", "nothing holds its calls to the kernel")


def _selinux(value: Any, path: str) -> Iterator[Mark]:
    for field in ("user", "role"):
        if (value or {}).get(field):
            yield Mark(Exposure.UNCONFINED, f"{path}.{field}", "it chooses its own SELinux label")


def _windows(value: Any, path: str) -> Iterator[Mark]:
    if (value or {}).get("hostProcess"):
        yield Mark(Exposure.PRIVILEGED, f"{path}.hostProcess", "it is a process of its node")


def _when(bad: Callable[[Any], bool], kind: Exposure, reason: str) -> Callable[[Any, str], Iterable[Mark]]:
    return lambda value, path: (Mark(kind, path, reason),) if bad(value) else ()


# A value that only a deployment knows is taken for a bad one: whoever asks has to see it.
_LOOKS: Mapping[str, Callable[[Any, str], Iterable[Mark]]] = {
    "privileged": _when(lambda value: bool(value), Exposure.PRIVILEGED, "it may do all that its node may"),
    "allowPrivilegeEscalation": _when(
        lambda value: bool(value), Exposure.ESCALATION, "a program of it may gain privileges"
    ),
    "runAsUser": _when(
        lambda value: value is not None and not (isinstance(value, int) and value), Exposure.ROOT, "it runs as root"
    ),
    "procMount": _when(
        lambda value: value not in (None, "Default"), Exposure.UNCONFINED, "it sees what the runtime hides in /proc"
    ),
    "capabilities": _capabilities,
    "sysctls": _sysctls,
    "seccompProfile": _profile,
    "appArmorProfile": _profile,
    "seLinuxOptions": _selinux,
    "windowsOptions": _windows,
}
