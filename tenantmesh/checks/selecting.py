"""Whether all pods that an opening holds for have certain labels, by the selectors of what opens it."""

from collections.abc import Callable, Mapping
from typing import Any

from tenantmesh.checks.parts import Part, part, spec
from tenantmesh.graph.labels import Constraint, selector
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.verdict import Effect
from tenantmesh.manifest import ManifestObject


def _cilium(found_spec: Part) -> Any:
    """Cilium's selectors are Kubernetes' but for the source of a label, which may be written before it."""
    found = part(found_spec, "endpointSelector")
    labels = part(found, "matchLabels")
    plain = {key.removeprefix("k8s:").removeprefix("any:"): value for key, value in labels.items()}
    return {**found, "matchLabels": plain}


# The pods that an object of a kind opens; of other kinds nothing is promised.
_PODS: Mapping[str, Callable[[Part], Any]] = {
    "AuthorizationPolicy": lambda body: body.get("selector"),
    "CiliumNetworkPolicy": _cilium,
    "NetworkPolicy": lambda body: body.get("podSelector"),
}


def holds_only_for(opening: Opening, labels: Mapping[str, str]) -> bool:
    """Whether every pod that the opening holds for, made or not, has all of `labels`."""
    if not labels:
        return True
    if opening.workload.host_network:
        return labels.items() <= opening.workload.labels.items()
    found = [one.object for one in opening.evidence if one.effect is Effect.ALLOWS and one.object]
    known = [one for one in found if one.key.kind in _PODS]
    return bool(known) and all(_demands(one, labels) for one in known)


def _demands(one: ManifestObject, labels: Mapping[str, str]) -> bool:
    compiled = selector(_PODS[one.key.kind](spec(one)))
    demanded = dict(compiled.constraints)
    return all(_is_exactly(demanded.get(key), value) for key, value in labels.items())


def _is_exactly(constraint: Constraint | None, value: str) -> bool:
    return constraint is not None and not constraint.absent and constraint.values == frozenset((value,))
