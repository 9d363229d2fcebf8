"""The network layer agrees with Cilium's own engine on random clusters with every kind of policy that Cilium enforces.

Where the kind is not Cilium's own and the engine departs from its specification, the text decides: `cilium_known`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import cilium
from tests.oracles.cilium_generator import sample
from tests.oracles.cilium_known import DEFECTS, explained
from tests.oracles.objects import cluster, flow, policy
from tests.oracles.ours import Ours
from tests.oracles.sample import Object, Sample

SAMPLES = 3_000
_CHUNK = 500


@pytest.fixture(scope="session")
def engine() -> Path:
    return cilium.build()


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SAMPLES, _CHUNK))
def test_ciliums_engine_agrees_with_the_network_layer(first, engine):
    samples = [sample(seed) for seed in range(first, first + _CHUNK)]
    wrong: list[str] = []
    for one, table in zip(samples, cilium.ask(engine, samples), strict=True):
        ours = Ours(one)
        wrong += [
            f"seed {one.seed}: {question}: ours {answer}, cilium {table[question.index]}"
            for question in one.questions()
            if (answer := ours.answer(question)) != table[question.index] and not explained(one, question)
        ]
    assert wrong[:20] == []


@dataclass(frozen=True)
class Case:
    """A cluster and the one flow that Cilium answers otherwise than the text; `right` follows from the text."""

    sample: Sample
    source: str
    destination: str
    right: str


def _administrators(tier: str, **spec: Any) -> Object:
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "administrators"},
        "spec": {"tier": tier, "priority": 1, "subject": {"namespaces": {}}, **spec},
    }


def _ciliums(namespace: str, **spec: Any) -> Object:
    metadata = {"name": "ciliums", "namespace": namespace}
    return {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata, "spec": spec}


_WITHOUT_LABEL = {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}
_LABELLED = {"matchLabels": {"tier": "nobody"}}
_BASELINE = _administrators("Baseline", ingress=[{"action": "Accept", "from": [{"namespaces": {}}]}])

CASES = {
    "networks hold no pods": Case(
        cluster(_administrators("Admin", egress=[{"action": "Deny", "to": [{"networks": ["0.0.0.0/0"]}]}])),
        source="client",
        destination="server",
        right="0",
    ),
    "the world is in namespaces without a label": Case(
        cluster(_administrators("Admin", ingress=[{"action": "Deny", "from": [{"namespaces": _WITHOUT_LABEL}]}])),
        source="",
        destination="server",
        right="1",
    ),
    "a section counts without its type": Case(
        cluster(
            policy(
                "here",
                podSelector={},
                policyTypes=["Ingress"],
                ingress=[{}],
                egress=[{"to": [{"podSelector": _LABELLED}]}],
            )
        ),
        source="client",
        destination="stranger",
        right="1",
    ),
    "the baseline answers what is isolated": Case(
        cluster(_BASELINE, policy("here", podSelector={}, policyTypes=["Ingress"])),
        source="client",
        destination="server",
        right="0",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_text_decides_against_cilium(defect, engine):
    """The day that Cilium is mended this fails, and the defect leaves the table."""
    case = CASES[defect.name]
    question = flow(case.sample, case.source, case.destination)
    (table,) = cilium.ask(engine, [case.sample])
    assert (Ours(case.sample).answer(question), table[question.index] != case.right) == (case.right, True)
    assert defect.applies(case.sample, question)


def test_every_defect_has_its_case():
    assert set(CASES) == {defect.name for defect in DEFECTS}


def test_a_baseline_rule_accepts_what_only_ciliums_own_policy_isolates(engine):
    """No specification but Cilium's is about its own kinds, so its engine is right."""
    isolated = _ciliums("here", endpointSelector={}, ingress=[{}])
    shut, opened = cluster(isolated), cluster(isolated, _BASELINE)
    question = flow(shut, "client", "server")
    assert [Ours(one).answer(question) for one in (shut, opened)] == ["0", "1"]
    assert [table[question.index] for table in cilium.ask(engine, [shut, opened])] == ["0", "1"]
