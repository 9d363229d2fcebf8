"""Which pods an object stands for: a Pod itself, or the template of a controller."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from tenantmesh.graph.flow import ContainerPort, Proxy, Workload
from tenantmesh.graph.given import given_labels
from tenantmesh.manifest import Body, ManifestObject

_NOTHING: Mapping[str, Any] = MappingProxyType({})


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


def is_owned(body: Body) -> bool:
    """Whether a controller made it, so that the controller's template stands for it already."""
    owners = (body.get("metadata") or _NOTHING).get("ownerReferences") or ()
    return any(owner.get("controller") for owner in owners)


def workload(one: ManifestObject, group: str, namespace_labels: Mapping[str, str]) -> Workload:
    """The pods of `one`, which is a Pod or a controller; `namespace_labels` decide whether they get a proxy."""
    body = one.body
    metadata = body.get("metadata") or _NOTHING
    template = TEMPLATES[group, body["kind"]](body)
    pod = template.get("metadata") or _NOTHING
    spec = template.get("spec") or _NOTHING
    labels, annotations = pod.get("labels") or _NOTHING, pod.get("annotations") or _NOTHING
    status = (body.get("status") or _NOTHING) if body["kind"] == "Pod" else _NOTHING
    return Workload(
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        labels=labels,
        given=given_labels(group, body["kind"], spec),
        service_account=spec.get("serviceAccountName") or spec.get("serviceAccount") or "default",
        ports=tuple(_ports(spec)),
        host_network=bool(spec.get("hostNetwork")),
        addresses=tuple(entry["ip"] for entry in status.get("podIPs") or () if "ip" in entry),
        proxy=proxy(labels, annotations, namespace_labels, host_network=bool(spec.get("hostNetwork"))),
        annotations=annotations,
        spec=spec,
        object=one,
    )


def proxy(
    labels: Mapping[str, str], annotations: Mapping[str, str], namespace: Mapping[str, str], *, host_network: bool
) -> Proxy:
    """How the pods take part in the mesh, by the rules of Istio's injection webhook and of ambient's enrolment.

    Source: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy.
    """
    if host_network:
        return Proxy.NONE
    if _injected(labels, annotations, namespace):
        return Proxy.GATEWAY if annotations.get("inject.istio.io/templates") == "gateway" else Proxy.SIDECAR
    mode = labels.get("istio.io/dataplane-mode", namespace.get("istio.io/dataplane-mode"))
    return Proxy.AMBIENT if mode == "ambient" else Proxy.NONE


def _injected(labels: Mapping[str, str], annotations: Mapping[str, str], namespace: Mapping[str, str]) -> bool:
    wanted = labels.get("sidecar.istio.io/inject", annotations.get("sidecar.istio.io/inject"))
    if wanted == "false" or namespace.get("istio-injection") == "disabled":
        return False
    revisions = "istio.io/rev" in labels or "istio.io/rev" in namespace
    return wanted == "true" or namespace.get("istio-injection") == "enabled" or revisions


def _ports(spec: Mapping[str, Any]) -> Iterable[ContainerPort]:
    # A sidecar in the newer form is an init container that is always restarted; its ports are the pod's.
    lasting = [one for one in spec.get("initContainers") or () if one.get("restartPolicy") == "Always"]
    for container in (*(spec.get("containers") or ()), *lasting):
        for port in container.get("ports") or ():
            yield ContainerPort(
                number=int(port["containerPort"]), protocol=port.get("protocol") or "TCP", name=port.get("name") or ""
            )
