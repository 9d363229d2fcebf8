"""What to say when a cluster does not serve a kind."""

from collections.abc import Sequence
from typing import Final

from tenantmesh.engine.providers.kubernetes.failures import MissingKindError
from tenantmesh.engine.providers.kubernetes.scopes import is_builtin
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_SOURCES: Final = (
    ("gateway.networking.k8s.io", "install the Gateway API's CRDs of its standard channel"),
    ("istio.io", "install Istio or its base chart, which bring it"),
    ("cert-manager.io", "install cert-manager with its CRDs"),
    ("externaldns.k8s.io", "install ExternalDNS with the DNSEndpoint CRD"),
    ("cilium.io", "install Cilium, whose operator brings it"),
    ("monitoring.coreos.com", "install the Prometheus operator's CRDs"),
)


def missing_kind(kind: Kind, served: Sequence[str]) -> MissingKindError:
    """The error for a kind that is not served; `served` are the versions that the cluster has of its group."""
    others = f" (of {kind.group} it serves {', '.join(served)})" if served else ""
    if is_builtin(kind.group):
        return MissingKindError(
            f"the cluster does not serve {kind.kind} in {kind.api_version}{others}; use a version that it serves"
        )
    return MissingKindError(
        f"the cluster has no CustomResourceDefinition {definition_name(kind)}, so it does not know {kind.kind} in "
        f"{kind.api_version}{others}; {_advice(kind)}, or register the CustomResourceDefinition in the same program"
    )


def definition_name(kind: Kind) -> str:
    """The name that a kind's CustomResourceDefinition has by convention, such as `gateways.networking.istio.io`."""
    return f"{_plural(kind.kind.lower())}.{kind.group}"


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def _advice(kind: Kind) -> str:
    for group, advice in _SOURCES:
        if kind.group == group or kind.group.endswith(f".{group}"):
            return advice
    return "install it first (kubectl apply -f its YAML)"
