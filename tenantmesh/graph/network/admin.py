"""AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy: the objects become rules.

Source: the Go types of policy.networking.k8s.io v1alpha1 and v1alpha2, https://network-policy-api.sigs.k8s.io/.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from tenantmesh.graph.cidrs import Block
from tenantmesh.graph.cidrs import network as read_network
from tenantmesh.graph.labels import EVERYTHING, Selector, selector
from tenantmesh.graph.network.names import domain
from tenantmesh.graph.network.peers import AnyPeer, NetworksPeer, NodePeer, Peer, PodPeer, UnknownPeer
from tenantmesh.graph.network.policies import TOP
from tenantmesh.graph.network.rules import Action, Policy, Rule, Side
from tenantmesh.graph.network.shape import Unreadable, fields, items, text
from tenantmesh.graph.ports import PROTOCOLS, PortMatch, match, number
from tenantmesh.manifest import ManifestObject

GROUP: Final = "policy.networking.k8s.io"
_LAST: Final = 1001
"""Behind every priority that can be stated: where the baseline policy without one is."""
_SPEC: Final = frozenset({"priority", "subject", "ingress", "egress", "tier"})
_RULE: Final = frozenset({"name", "action", "from", "to", "ports", "protocols"})
_POD: Final = frozenset({"namespaceSelector", "podSelector"})
_ACTIONS: Final = {"Allow": Action.ALLOW, "Accept": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}


class Ranked(NamedTuple):
    """One policy in its tier; a lower `priority` is asked first."""

    baseline: bool
    priority: int
    policy: Policy


def read(one: ManifestObject) -> Ranked:
    """The policy that `one` is. What is not understood makes it unsure at the priority where it stands."""
    kind, spec = one.body["kind"], one.body.get("spec")
    known = spec if isinstance(spec, Mapping) else {}
    baseline = kind == "BaselineAdminNetworkPolicy" or known.get("tier") == "Baseline"
    stated = number(known.get("priority"))
    priority = (_LAST if baseline else -1) if stated is None else stated
    try:
        return Ranked(baseline, priority, _policy(one, kind))
    except Unreadable as unreadable:
        unknown = (unreadable.path, unreadable.reason)
        return Ranked(baseline, priority, Policy(one, unknown=unknown, namespaces=EVERYTHING, path="spec.subject"))


def _policy(one: ManifestObject, kind: str) -> Policy:
    spec = fields(fields(one.body, "", TOP).get("spec"), "spec", _SPEC)
    if kind == "ClusterNetworkPolicy" and spec.get("tier") not in ("Admin", "Baseline"):
        raise Unreadable("spec.tier", f"the tier {spec.get('tier')!r} is not known")
    if kind != "BaselineAdminNetworkPolicy" and number(spec.get("priority")) is None:
        raise Unreadable("spec.priority", "no priority")
    namespaces, pods = _subject(spec.get("subject"))
    ingress = Side(isolates=False, allow=tuple(_rules(spec, "ingress", "from")))
    egress = Side(isolates=False, allow=tuple(_rules(spec, "egress", "to")))
    return Policy(one, pods, ingress, egress, namespaces=namespaces, path="spec.subject")


def _subject(body: Any) -> tuple[Selector, Selector]:
    known = fields(body, "spec.subject", frozenset({"namespaces", "pods"}))
    match [(name, value) for name, value in known.items() if value is not None]:
        case [("namespaces", value)]:
            return selector(value), EVERYTHING
        case [("pods", value)]:
            return _namespaced(value, "spec.subject.pods")
        case _:
            raise Unreadable("spec.subject", "a subject is either namespaces or pods")


def _namespaced(body: Any, path: str) -> tuple[Selector, Selector]:
    known = fields(body, path, _POD)
    return selector(known.get("namespaceSelector")), selector(known.get("podSelector"))


def _rules(spec: Mapping[str, Any], direction: str, field: str) -> Iterator[Rule]:
    path = f"spec.{direction}"
    for index, body in enumerate(items(spec.get(direction), path)):
        here = f"{path}[{index}]"
        try:
            yield _rule(fields(body, here, _RULE), here, field)
        except Unreadable as unreadable:
            yield Rule(here, field, None, unknown=(unreadable.path, unreadable.reason))


def _rule(body: Mapping[str, Any], path: str, field: str) -> Rule:
    action = _ACTIONS.get(text(body.get("action"), f"{path}.action"))
    if action is None:
        raise Unreadable(f"{path}.action", f"the action {body.get('action')} is not known")
    peers = [
        _peer(one, f"{path}.{field}[{index}]") for index, one in enumerate(items(body.get(field), f"{path}.{field}"))
    ]
    ports = [_port(one, f"{path}.ports[{index}]") for index, one in enumerate(items(body.get("ports"), path))]
    protocols = items(body.get("protocols"), path)
    ports += [_protocol(one, f"{path}.protocols[{index}]") for index, one in enumerate(protocols)]
    return Rule(path, field, tuple(peers), tuple(ports), action)


def _one(body: Any, path: str, known: Iterable[str]) -> tuple[str, Any]:
    """The one field of `body` that is set, of those that are `known`."""
    given = [(name, value) for name, value in fields(body, path, frozenset(known)).items() if value is not None]
    if len(given) != 1:
        raise Unreadable(path, f"exactly one of {', '.join(known)} has to be set")
    return given[0]


def _peer(body: Any, path: str) -> Peer:
    try:
        name, value = _one(body, path, _PEERS)
        return _PEERS[name](value, f"{path}.{name}")
    except Unreadable as unreadable:
        return UnknownPeer(unreadable.path, unreadable.reason)


def _networks(body: Any, path: str) -> Peer:
    try:
        return NetworksPeer(tuple(Block(read_network(one)) for one in items(body, path)))
    except ValueError as error:
        raise Unreadable(path, str(error)) from error


_PEERS: Final[Mapping[str, Callable[[Any, str], Peer]]] = {
    "namespaces": lambda body, _: PodPeer("", selector(body)),
    "pods": lambda body, path: PodPeer("", *_namespaced(body, path)),
    "nodes": lambda body, _: NodePeer(selector(body)),
    "networks": _networks,
    "domainNames": lambda body, path: AnyPeer(tuple(domain(text(one, path)) for one in items(body, path))),
}


def _port(body: Any, path: str) -> PortMatch:
    name, value = _one(body, path, ("portNumber", "namedPort", "portRange"))
    if name == "namedPort":
        return match("", text(value, path))
    if name == "portNumber":
        known = fields(value, f"{path}.{name}", frozenset({"protocol", "port"}))
        return match(known.get("protocol") or "TCP", known.get("port"))
    known = fields(value, f"{path}.{name}", frozenset({"protocol", "start", "end"}))
    return match(known.get("protocol") or "TCP", known.get("start"), known.get("end"))


def _protocol(body: Any, path: str) -> PortMatch:
    name, value = _one(body, path, (*(one.lower() for one in PROTOCOLS), "destinationNamedPort"))
    if name == "destinationNamedPort":
        return match("", text(value, path))
    port = fields(value, f"{path}.{name}", frozenset({"destinationPort"})).get("destinationPort")
    known = fields(port, f"{path}.{name}.destinationPort", frozenset({"number", "range"}))
    span = fields(known.get("range"), path, frozenset({"start", "end"}))
    return match(name.upper(), span.get("start") if span else known.get("number"), span.get("end") if span else None)
