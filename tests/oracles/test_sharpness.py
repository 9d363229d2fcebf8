"""The random clusters are sharp: a network layer that read one detail otherwise would be found out by them."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.oracles import cyclonus
from tests.oracles.generator import sample
from tests.oracles.ours import Ours
from tests.oracles.sample import Object, Sample

SAMPLES = 200


def _rules(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (rule for way in ("ingress", "egress") for rule in spec.get(way) or ())


def _peers(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (peer for rule in _rules(spec) for way in ("from", "to") for peer in rule.get(way) or ())


def _ports(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (port for rule in _rules(spec) for port in rule.get("ports") or ())


def _selectors(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield spec.get("podSelector") or {}
    yield from (peer.get(name) or {} for peer in _peers(spec) for name in ("podSelector", "namespaceSelector"))


def _without(
    parts: Callable[[dict[str, Any]], Iterator[dict[str, Any]]], field: str
) -> Callable[[dict[str, Any]], None]:
    def forget(spec: dict[str, Any]) -> None:
        for part in parts(spec):
            part.pop(field, None)

    return forget


def _forget_exceptions(spec: dict[str, Any]) -> None:
    for peer in _peers(spec):
        peer.get("ipBlock", {}).pop("except", None)


def _empty_lists_allow_nothing(spec: dict[str, Any]) -> None:
    for rule in _rules(spec):
        for peers in ("from", "to"):
            if rule.get(peers) == []:
                rule[peers] = [{"podSelector": {"matchLabels": {"nobody": "has"}}}]


def _egress_by_its_field(spec: dict[str, Any]) -> None:
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", *(["Egress"] if "egress" in spec else [])]


def _ingress_only(spec: dict[str, Any]) -> None:
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress"]


def _expressions_only_known(spec: dict[str, Any]) -> None:
    for selector in _selectors(spec):
        for one in selector.get("matchExpressions") or ():
            if one["operator"] == "NotIn":
                selector["matchExpressions"] = [
                    *selector["matchExpressions"],
                    {"key": one["key"], "operator": "Exists"},
                ]


def _selectors_apart(spec: dict[str, Any]) -> None:
    """One entry with two selectors read as two entries."""
    for rule in _rules(spec):
        for peers in ("from", "to"):
            both = [one for one in rule.get(peers) or () if one.get("namespaceSelector") and one.get("podSelector")]
            for one in both:
                rule[peers].append({"podSelector": one.pop("podSelector")})


def _every_protocol_tcp(spec: dict[str, Any]) -> None:
    for port in _ports(spec):
        port["protocol"] = "TCP"


def _names_are_http(spec: dict[str, Any]) -> None:
    for port in _ports(spec):
        if isinstance(port.get("port"), str):
            port["port"] = 80


MISREADINGS: dict[str, Callable[[dict[str, Any]], None]] = {
    "a range is its first port": _without(_ports, "endPort"),
    "exceptions do not count": _forget_exceptions,
    "an empty list of peers allows nobody": _empty_lists_allow_nothing,
    "an empty egress list isolates": _egress_by_its_field,
    "absent policyTypes are Ingress": _ingress_only,
    "NotIn asks for the key": _expressions_only_known,
    "expressions do not count": _without(_selectors, "matchExpressions"),
    "matchLabels do not count": _without(_selectors, "matchLabels"),
    "both selectors are two peers": _selectors_apart,
    "namespaceSelector does not count": _without(_peers, "namespaceSelector"),
    "protocols do not count": _every_protocol_tcp,
    "a port's name is a number": _names_are_http,
    "ports do not count": _without(_rules, "ports"),
}


@pytest.fixture(scope="module")
def answered(cyclonus_program):
    samples = [sample(seed) for seed in range(SAMPLES)]
    return list(zip(samples, cyclonus.ask(cyclonus_program, samples), strict=True))


@pytest.mark.parametrize("misreading", MISREADINGS)
def test_a_layer_would_be_found_out_that_held(misreading, answered):
    found = sum(_differs(one, _misread(one, MISREADINGS[misreading]), tables) for one, tables in answered)
    assert found >= 5


def _misread(one: Sample, misreading: Callable[[dict[str, Any]], None]) -> Sample:
    objects: tuple[Object, ...] = copy.deepcopy(one.objects)
    for body in objects:
        if body["kind"] == "NetworkPolicy":
            misreading(body["spec"])
            _refill(body["spec"])
    return replace(one, objects=objects)


def _refill(spec: dict[str, Any]) -> None:
    """A peer that lost its only field is none that the API server takes: it becomes all pods of the namespace."""
    for peer in _peers(spec):
        if not any(value is not None for value in peer.values()):
            peer["podSelector"] = {}


def _differs(one: Sample, misread: Sample, tables: cyclonus.Tables) -> bool:
    if misread.objects == one.objects:
        return False
    ours = Ours(misread)
    return any(ours.answer(question) != tables.kubernetes_labels[question.index] for question in one.questions())
