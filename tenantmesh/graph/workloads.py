"""Which pods an object stands for: a Pod itself, or the template of a controller."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from tenantmesh.graph.flow import ContainerPort, Proxy, Workload
from tenantmesh.graph.given import given_labels
from tenantmesh.manifest import Body, ManifestObject

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_INJECT = "sidecar.istio.io/inject"
_REVISION = "istio.io/rev"
_MODE = "istio.io/dataplane-mode"
_IGNORED = frozenset({"kube-node-lease", "kube-public", "kube-system", "local-path-storage"})
"""Namespaces in which the webhook never injects (pkg/kube/inject/initializer.go of Istio)."""
_YES = frozenset({"", "on", "true", "y", "yes"})
"""What is said in favour of a proxy: nothing, or a yes of YAML (pkg/kube/inject/inject.go of Istio)."""


def _template(body: Body) -> Mapping[str, Any]:
    return (body.get("spec") or _NOTHING).get("template") or _NOTHING


def _cron_template(body: Body) -> Mapping[str, Any]:
    job = (body.get("spec") or _NOTHING).get("jobTemplate") or _NOTHING
    return (job.get("spec") or _NOTHING).get("template") or _NOTHING


# Keyed by group and kind.
TEMPLATES: Mapping[tuple[str, str], Callable[[Body], Mapping[str, Any]]] = {
    ("", "Pod"): lambda body: body,
    ("", "ReplicationController"): _template,
    ("apps", "DaemonSet"): _template,
    ("apps", "Deployment"): _template,
    ("apps", "ReplicaSet"): _template,
    ("apps", "StatefulSet"): _template,
    ("batch", "CronJob"): _cron_template,
    ("batch", "Job"): _template,
}


def workload(one: ManifestObject, group: str, namespace_labels: Mapping[str, str]) -> Workload:
    """The pods of `one`, which is a Pod or a controller; `namespace_labels` decide whether they get a proxy."""
    body = one.body
    metadata = body.get("metadata") or _NOTHING
    template = TEMPLATES[group, body["kind"]](body)
    pod = template.get("metadata") or _NOTHING
    spec = template.get("spec") or _NOTHING
    labels, annotations = pod.get("labels") or _NOTHING, pod.get("annotations") or _NOTHING
    return Workload(
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        labels=labels,
        given=given_labels(group, body["kind"], spec),
        service_account=spec.get("serviceAccountName") or spec.get("serviceAccount") or "default",
        ports=tuple(_ports(spec)),
        host_network=bool(spec.get("hostNetwork")),
        addresses=tuple(pod_addresses(body)),
        proxy=proxy(labels, annotations, namespace_labels, host_network=bool(spec.get("hostNetwork"))),
        annotations=annotations,
        spec=spec,
        object=one,
    )


def pod_addresses(body: Body) -> Iterator[str]:
    """The addresses in the status of a live pod; none of anything else."""
    status = body.get("status")
    entries = status.get("podIPs") if isinstance(status, Mapping) and body.get("kind") == "Pod" else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("ip"), str):
            yield entry["ip"]


def proxy(
    labels: Mapping[str, str], annotations: Mapping[str, str], namespace: Mapping[str, str], *, host_network: bool
) -> Proxy:
    """How the pods take part in the mesh, by the rules of Istio's injection webhook and of ambient's enrolment.

    Source: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy.
    """
    if host_network:
        return Proxy.NONE
    if _asked(labels, namespace) and _willing(labels, annotations):
        templates = str(annotations.get("inject.istio.io/templates", "")).split(",")
        return Proxy.GATEWAY if "gateway" in (one.strip() for one in templates) else Proxy.SIDECAR
    mode = labels.get(_MODE, namespace.get(_MODE))
    return Proxy.AMBIENT if mode == "ambient" else Proxy.NONE


def _asked(labels: Mapping[str, str], namespace: Mapping[str, str]) -> bool:
    """Whether the API server asks one of Istio's webhooks for such a pod: they select by labels alone.

    A revision counts as installed, and what else decides is in istiod's chart, templates/mutatingwebhook.yaml.
    """
    if labels.get(_INJECT) == "false" or namespace.get("kubernetes.io/metadata.name") in _IGNORED:
        return False
    if "istio-injection" in namespace:
        return namespace["istio-injection"] == "enabled"
    return _REVISION in namespace or _REVISION in labels or labels.get(_INJECT) == "true"


def _willing(labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    """Whether the webhook injects when it is asked; the label goes before the older annotation."""
    return str(labels.get(_INJECT, annotations.get(_INJECT, ""))).lower() in _YES


def _ports(spec: Mapping[str, Any]) -> Iterable[ContainerPort]:
    # A sidecar in the newer form is an init container that is always restarted; its ports are the pod's.
    lasting = [one for one in spec.get("initContainers") or () if one.get("restartPolicy") == "Always"]
    for container in (*(spec.get("containers") or ()), *lasting):
        for port in container.get("ports") or ():
            yield ContainerPort(
                number=int(port["containerPort"]), protocol=port.get("protocol") or "TCP", name=port.get("name") or ""
            )
