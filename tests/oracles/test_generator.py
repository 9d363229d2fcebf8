"""Random clusters are the same for the same seed, and have everything that NetworkPolicy knows."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.oracles.generator import sample

_SEEDS = range(400)


@pytest.fixture(scope="module")
def samples():
    return [sample(seed) for seed in _SEEDS]


def _specs(samples) -> Iterator[dict[str, Any]]:
    return (policy["spec"] for one in samples for policy in one.policies)


def _rules(samples) -> Iterator[dict[str, Any]]:
    return (rule for spec in _specs(samples) for way in ("ingress", "egress") for rule in spec.get(way) or ())


def _peers(samples) -> Iterator[dict[str, Any]]:
    return (peer for rule in _rules(samples) for way in ("from", "to") for peer in rule.get(way) or ())


def _ports(samples) -> Iterator[dict[str, Any]]:
    return (port for rule in _rules(samples) for port in rule.get("ports") or ())


def _operators(samples) -> Iterator[str]:
    selectors = (peer.get(name) or {} for peer in _peers(samples) for name in ("podSelector", "namespaceSelector"))
    return (one["operator"] for selector in selectors for one in selector.get("matchExpressions") or ())


_MISSING = object()
FEATURES: dict[str, tuple[Callable[[Any], Iterator[Any]], Callable[[Any], bool]]] = {
    "a selector that matches all": (_specs, lambda spec: spec.get("podSelector") == {}),
    "an absent podSelector": (_specs, lambda spec: "podSelector" not in spec),
    "absent policyTypes": (_specs, lambda spec: "policyTypes" not in spec),
    "empty policyTypes": (_specs, lambda spec: spec.get("policyTypes") == []),
    "only egress": (_specs, lambda spec: spec.get("policyTypes") == ["Egress"]),
    "an absent section": (_specs, lambda spec: "egress" not in spec),
    "an empty section": (_specs, lambda spec: spec.get("egress") == []),
    "a null section": (_specs, lambda spec: spec.get("ingress", _MISSING) is None),
    "a rule for all": (_rules, lambda rule: rule == {}),
    "no peers": (_rules, lambda rule: rule.get("from") == []),
    "no ports": (_rules, lambda rule: rule.get("ports") == []),
    "both selectors": (
        _peers,
        lambda peer: {"podSelector", "namespaceSelector"} <= {name for name in peer if peer[name]},
    ),
    "a null namespaceSelector": (_peers, lambda peer: peer.get("namespaceSelector", _MISSING) is None),
    "a block with exceptions": (_peers, lambda peer: bool(peer.get("ipBlock", {}).get("except"))),
    "a block of the other family": (_peers, lambda peer: ":" in peer.get("ipBlock", {}).get("cidr", "")),
    "a port's name": (_ports, lambda port: isinstance(port.get("port"), str)),
    "a range": (_ports, lambda port: "endPort" in port),
    "a protocol alone": (_ports, lambda port: set(port) == {"protocol"}),
    "a port that says nothing": (_ports, lambda port: port == {}),
    "SCTP": (_ports, lambda port: port.get("protocol") == "SCTP"),
    "UDP": (_ports, lambda port: port.get("protocol") == "UDP"),
    "In": (_operators, lambda operator: operator == "In"),
    "NotIn": (_operators, lambda operator: operator == "NotIn"),
    "Exists": (_operators, lambda operator: operator == "Exists"),
    "DoesNotExist": (_operators, lambda operator: operator == "DoesNotExist"),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_many_clusters_have(feature, samples):
    part, has = FEATURES[feature]
    assert sum(has(one) for one in part(samples)) >= 5


def test_the_same_seed_gives_the_same_cluster():
    assert json.dumps(sample(7).objects) == json.dumps(sample(7).objects)
    assert json.dumps(sample(7).objects) != json.dumps(sample(8).objects)


def test_clusters_are_small_and_not_trivial(samples):
    assert {len(one.namespaces) for one in samples} == {2, 3, 4}
    assert {len(one.of_kind("Pod")) for one in samples} == {2, 3, 4, 5, 6}
    assert {len(one.policies) for one in samples} == set(range(7))


def test_ends_have_addresses_of_their_own(samples):
    """Answers are kept by address."""
    assert all(len({end.address for end in one.ends}) == len(one.ends) for one in samples)
