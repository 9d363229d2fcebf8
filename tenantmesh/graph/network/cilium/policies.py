"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy: the objects become rules.

Source: https://docs.cilium.io/en/stable/security/policy/language/ and the types of Cilium's pkg/policy/api.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.labels import Selector
from tenantmesh.graph.network.cilium.endpoints import endpoints
from tenantmesh.graph.network.cilium.http import level7
from tenantmesh.graph.network.cilium.peers import GROUP, PeerReader
from tenantmesh.graph.network.policies import TOP
from tenantmesh.graph.network.rules import Action, Policy, Rule, Side
from tenantmesh.graph.network.shape import Unreadable, fields, items
from tenantmesh.graph.places import NAMESPACE_NAME
from tenantmesh.graph.ports import PortMatch, match
from tenantmesh.manifest import ManifestObject

__all__ = ["GROUP", "read"]
_SPEC: Final = frozenset(
    {"endpointSelector", "nodeSelector", "ingress", "ingressDeny", "egress", "egressDeny", "enableDefaultDeny"}
    | {"labels", "description", "log"}
)
_COMMON: Final = frozenset({"toPorts", "icmps", "authentication"})
_PREPOSITIONS: Final = {"ingress": "from", "egress": "to"}
_ENTRY: Final = frozenset({"ports", "rules", "serverNames", "terminatingTLS", "originatingTLS"})
_PORT: Final = frozenset({"port", "endPort", "protocol"})
_ICMP: Final = PortMatch("ICMP")


def read(one: ManifestObject, cluster: Cluster) -> Iterator[Policy]:
    """The policies that one object is: that of `spec` and those of `specs`. Policies on nodes are none on pods."""
    body = one.body
    specs = body.get("specs")
    paths = [("spec", body["spec"])] if body.get("spec") is not None else []
    paths += [(f"specs[{index}]", spec) for index, spec in enumerate(specs if isinstance(specs, list) else ())]
    for path, spec in paths:
        try:
            fields(body, "", TOP | {"specs"})
            known = fields(spec, path, _SPEC)
            if known.get("nodeSelector") is None:
                yield from _policy(one, known, path, cluster)
        except Unreadable as unreadable:
            namespaces = None if one.key.namespace else Selector()
            unknown = (unreadable.path, unreadable.reason)
            yield Policy(one, unknown=unknown, namespaces=namespaces, path=f"{path}.endpointSelector")


def _policy(one: ManifestObject, spec: Mapping[str, Any], path: str, cluster: Cluster) -> Iterator[Policy]:
    selected = endpoints(spec.get("endpointSelector"))
    if selected.reserved:
        return  # what has a reserved label is no pod
    namespace = one.key.namespace
    namespaces = selected.namespaces
    if namespace and namespaces is not None:
        # A policy stays in its namespace, whatever its selector says of it.
        namespaces = Selector(tuple(pair for pair in namespaces.constraints if pair[0] != NAMESPACE_NAME))
    elif not namespace and namespaces is None:
        namespaces = Selector()
    reader = PeerReader(namespace, cluster)
    ingress, egress = (_side(spec, path, direction, reader) for direction in _PREPOSITIONS)
    yield Policy(
        one,
        selected.pods,
        ingress,
        egress,
        namespaces=namespaces,
        accounts=selected.accounts,
        path=f"{path}.endpointSelector",
    )


def _side(spec: Mapping[str, Any], path: str, direction: str, reader: PeerReader) -> Side | None:
    allowing = items(spec.get(direction), f"{path}.{direction}")
    denying = items(spec.get(f"{direction}Deny"), f"{path}.{direction}Deny")
    if not allowing and not denying:
        return None
    stated = fields(spec.get("enableDefaultDeny"), f"{path}.enableDefaultDeny", _PREPOSITIONS.keys())
    return Side(
        # A direction that has any rule is shut for the rest, unless it is said that it isn't.
        isolates=stated.get(direction) is not False,
        allow=tuple(_rules(allowing, f"{path}.{direction}", _PREPOSITIONS[direction], Action.ALLOW, reader)),
        deny=tuple(_rules(denying, f"{path}.{direction}Deny", _PREPOSITIONS[direction], Action.DENY, reader)),
        # The agent lets in what comes from the pod's own node; what goes there has to be allowed.
        node=direction == "ingress",
    )


def _rules(bodies: Any, path: str, preposition: str, action: Action, reader: PeerReader) -> Iterator[Rule]:
    known = _COMMON | {preposition + name for name in reader.fields}
    for index, body in enumerate(bodies):
        here = f"{path}[{index}]"
        try:
            yield from _rule(fields(body, here, known), here, preposition, action, reader)
        except Unreadable as unreadable:
            yield Rule(here, preposition, None, action=action, unknown=(unreadable.path, unreadable.reason))


def _rule(body: Mapping[str, Any], path: str, preposition: str, action: Action, reader: PeerReader) -> Iterator[Rule]:
    """One rule for each entry of `toPorts`, for each may ask other things of requests."""
    if (fields(body.get("authentication"), f"{path}.authentication", frozenset({"mode"})).get("mode") or "").startswith(
        "test"
    ):
        raise Unreadable(f"{path}.authentication.mode", "authentication that is a test")
    field, peers = reader.peers(body, path, preposition)
    entries = items(body.get("toPorts"), f"{path}.toPorts")
    for index, entry in enumerate(entries):
        here = f"{path}.toPorts[{index}]"
        known = fields(entry, here, _ENTRY)
        ports = [_port(one, f"{here}.ports[{number}]") for number, one in enumerate(items(known.get("ports"), here))]
        asked = level7(known, here)
        yield Rule(path, field, peers, tuple(ports) or (PortMatch(unknown="no ports"),), action, asks=asked)
    if body.get("icmps"):
        yield Rule(path, field, peers, (_ICMP,), action)
    elif not entries and peers is not None:
        # Without peers and ports a rule allows nothing: it is how a default deny is written.
        yield Rule(path, field, peers, (), action)


def _port(body: Any, path: str) -> PortMatch:
    known = fields(body, path, _PORT)
    protocol = known.get("protocol") or "ANY"
    port = known.get("port")
    number = int(port) if isinstance(port, str) and port.isdecimal() else port
    return match("" if protocol == "ANY" else protocol, None if number == 0 else number, known.get("endPort") or None)
