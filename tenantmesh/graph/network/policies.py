"""NetworkPolicy: the object as YAML spells it becomes rules.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/ and networking.k8s.io/v1.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.graph.cidrs import block as read_block
from tenantmesh.graph.labels import EVERYTHING, selector
from tenantmesh.graph.network.peers import BlockPeer, Peer, PodPeer, UnknownPeer
from tenantmesh.graph.network.rules import Policy, Rule, Side
from tenantmesh.graph.network.shape import Unreadable, fields, items, text
from tenantmesh.graph.ports import PortMatch, match
from tenantmesh.manifest import ManifestObject

TOP: Final = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_SPEC: Final = frozenset({"podSelector", "policyTypes", "ingress", "egress"})
_RULE: Final = {"from": frozenset({"from", "ports"}), "to": frozenset({"to", "ports"})}
_PORT: Final = frozenset({"protocol", "port", "endPort"})
_PEER: Final = frozenset({"podSelector", "namespaceSelector", "ipBlock"})
_TYPES: Final = frozenset({"Ingress", "Egress"})


def read(one: ManifestObject) -> Policy:
    """The policy that a NetworkPolicy object is."""
    try:
        return _policy(one)
    except Unreadable as unreadable:
        return Policy(one, _pods(one.body), unknown=(unreadable.path, unreadable.reason))


def _policy(one: ManifestObject) -> Policy:
    spec = fields(fields(one.body, "", TOP).get("spec"), "spec", _SPEC)
    types = _types(spec)
    namespace = one.body["metadata"].get("namespace", "")
    return Policy(
        one,
        selector(spec.get("podSelector")),
        Side(isolates=True, allow=_rules(spec, "ingress", "from", namespace)) if "Ingress" in types else None,
        Side(isolates=True, allow=_rules(spec, "egress", "to", namespace)) if "Egress" in types else None,
    )


def _types(spec: Mapping[str, Any]) -> frozenset[str]:
    """The directions. The API server's default: ingress, and egress where there are egress rules."""
    stated = items(spec.get("policyTypes"), "spec.policyTypes")
    if not stated:
        return _TYPES if spec.get("egress") else frozenset(("Ingress",))
    for index, name in enumerate(stated):
        if text(name, f"spec.policyTypes[{index}]") not in _TYPES:
            raise Unreadable(f"spec.policyTypes[{index}]", f"the policy type {name!r} is not known")
    return frozenset(stated)


def _rules(spec: Mapping[str, Any], direction: str, field: str, namespace: str) -> tuple[Rule, ...]:
    path = f"spec.{direction}"
    rules = items(spec.get(direction), path)
    return tuple([_rule(body, f"{path}[{index}]", field, namespace) for index, body in enumerate(rules)])


def _rule(body: Any, path: str, field: str, namespace: str) -> Rule:
    try:
        known = fields(body, path, _RULE[field])
        # An empty list is the same as none: anybody, every port.
        peers = items(known.get(field), f"{path}.{field}")
        ports = items(known.get("ports"), f"{path}.ports")
        return Rule(
            path,
            field,
            tuple([_peer(one, f"{path}.{field}[{index}]", namespace) for index, one in enumerate(peers)]) or None,
            tuple([_port(one, f"{path}.ports[{index}]") for index, one in enumerate(ports)]),
        )
    except Unreadable as unreadable:
        return Rule(path, field, None, unknown=(unreadable.path, unreadable.reason))


def _peer(body: Any, path: str, namespace: str) -> Peer:
    known = fields(body, path, _PEER)
    pods, namespaces, addresses = known.get("podSelector"), known.get("namespaceSelector"), known.get("ipBlock")
    if addresses is None and namespaces is not None:
        return PodPeer(namespace, selector(namespaces), selector(pods))
    if addresses is None and pods is not None:
        return PodPeer(namespace, None, selector(pods))
    if addresses is None or pods is not None or namespaces is not None:
        return UnknownPeer(path, "a peer is a podSelector, a namespaceSelector, both, or an ipBlock")
    block = read_block(addresses)
    return UnknownPeer(f"{path}.ipBlock", block) if isinstance(block, str) else BlockPeer(block)


def _port(body: Any, path: str) -> PortMatch:
    known = fields(body, path, _PORT)
    return match(known.get("protocol") or "TCP", known.get("port"), known.get("endPort"))


def _pods(body: Mapping[str, Any]) -> Any:
    spec = body.get("spec")
    return selector(spec.get("podSelector")) if isinstance(spec, Mapping) else EVERYTHING
