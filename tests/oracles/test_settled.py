"""Where the oracles disagree with one another, the specification's text decides, and the network layer follows it."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.oracles import analyzer, cyclonus
from tests.oracles.known import DEFECTS, Defect
from tests.oracles.objects import cluster, flow, policy
from tests.oracles.ours import Ours
from tests.oracles.sample import Question, Sample


@dataclass(frozen=True)
class Case:
    """A cluster and the one flow that an oracle gets wrong; `right` follows from the defect's `text`."""

    sample: Sample
    source: str
    destination: str
    right: str


_EVERYBODY = {"podSelector": {}}


def _expression(operator: str, *values: str) -> dict[str, Any]:
    """A selector of one expression about the label `tier`."""
    return {"matchExpressions": [{"key": "tier", "operator": operator, "values": list(values)}]}


CASES = {
    "NotIn asks for the key": Case(
        cluster(policy("here", **_EVERYBODY, ingress=[{"from": [{"podSelector": _expression("NotIn", "front")}]}])),
        source="client",
        destination="server",
        right="1",
    ),
    "absent equals empty": Case(
        cluster(policy("here", podSelector={"matchLabels": {"tier": ""}})),
        source="client",
        destination="server",
        right="1",
    ),
    "absent equals empty in namespaces": Case(
        cluster(policy("here", **_EVERYBODY, ingress=[{"from": [{"namespaceSelector": _expression("In", "")}]}])),
        source="stranger",
        destination="server",
        right="0",
    ),
    "Exists stays in the namespace": Case(
        cluster(
            policy(
                "here",
                **_EVERYBODY,
                ingress=[{"from": [{"namespaceSelector": {}, "podSelector": _expression("Exists")}]}],
            ),
            labels={"tier": "front"},
        ),
        source="stranger",
        destination="server",
        right="1",
    ),
    "pods have no addresses": Case(
        cluster(policy("here", **_EVERYBODY, ingress=[{"from": [{"ipBlock": {"cidr": "10.0.1.0/24"}}]}])),
        source="stranger",
        destination="server",
        right="1",
    ),
    "an empty egress list isolates": Case(
        cluster(policy("here", **_EVERYBODY, ingress=[{}], egress=[])),
        source="client",
        destination="stranger",
        right="1",
    ),
}

_ABSENT_SECTION = 'A NetworkPolicy with {0} field but no "{1}" in its policyTypes'
REFUSED = {
    # "This field is optional. If it is not specified, it defaults to an empty selector."
    # (API reference, NetworkPolicySpec.podSelector)
    "spec must have podSelector entry": Case(
        cluster(policy("here", ingress=[])), source="client", destination="server", right="0"
    ),
    # "The policyTypes field indicates whether or not the given policy applies to ingress traffic to selected pod,
    # egress traffic from selected pods, or both." (https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    _ABSENT_SECTION.format("ingress", "Ingress"): Case(
        cluster(policy("here", **_EVERYBODY, policyTypes=["Egress"], ingress=[], egress=[{}])),
        source="client",
        destination="server",
        right="1",
    ),
    _ABSENT_SECTION.format("egress", "Egress"): Case(
        cluster(policy("here", **_EVERYBODY, policyTypes=["Ingress"], ingress=[{}], egress=[])),
        source="client",
        destination="server",
        right="1",
    ),
}


def _answers(case: Case, program, python) -> dict[str, str | None]:
    """What everybody says of the case; None where an oracle refuses it."""
    question = flow(case.sample, case.source, case.destination)
    (tables,), (table,) = cyclonus.ask(program, [case.sample]), analyzer.ask(python, [case.sample])
    return {
        "ours": Ours(case.sample).answer(question),
        "cyclonus": tables.own_labels[question.index],
        "cyclonus with Kubernetes' labels": tables.kubernetes_labels[question.index],
        "nca": table[question.index] if table is not None else None,
    }


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_text_decides_against_one_oracle_and_for_all_others(defect: Defect, cyclonus_program, analyzer_python):
    """The day that the oracle is mended this fails, and the defect leaves the table."""
    case = CASES[defect.name]
    answers = _answers(case, cyclonus_program, analyzer_python)
    assert {name for name, answer in answers.items() if answer != case.right} == {defect.oracle}
    assert defect.applies(case.sample, flow(case.sample, case.source, case.destination))


@pytest.mark.parametrize("refusal", REFUSED)
def test_what_the_analyzer_refuses_is_a_policy_with_a_meaning(refusal: str, cyclonus_program, analyzer_python):
    case = REFUSED[refusal]
    answers = _answers(case, cyclonus_program, analyzer_python)
    assert answers.pop("nca") is None
    assert set(answers.values()) == {case.right}


def test_a_pod_reaches_itself_whatever_the_policies_say(cyclonus_program, analyzer_python):
    """The page on network policies names it an exception: "a pod cannot block access to itself".

    Neither oracle knows it, so no flow from an end to itself is asked for.
    """
    sample = cluster(policy("here", **_EVERYBODY, policyTypes=["Ingress", "Egress"]))
    itself = Question(0, sample.ends[0], sample.ends[0], sample.ports[0])
    assert Ours(sample).answer(itself) == "1"
    (tables,), (table,) = cyclonus.ask(cyclonus_program, [sample]), analyzer.ask(analyzer_python, [sample])
    assert (tables.own_labels[0], tables.kubernetes_labels[0], (table or "")[0]) == ("0", "0", "0")


@pytest.mark.parametrize(("address", "right"), [("192.0.2.1", "1"), ("192.0.3.1", "0")])
def test_a_block_written_with_bits_of_a_host_is_its_network(address, right, cyclonus_program, analyzer_python):
    """Servers before 1.36 store such a block; all read it alike."""
    block = policy("here", **_EVERYBODY, ingress=[{"from": [{"ipBlock": {"cidr": "192.0.2.77/24"}}]}])
    case = Case(replace(cluster(block), outside=(address,)), source="", destination="server", right=right)
    assert set(_answers(case, cyclonus_program, analyzer_python).values()) == {right}


def test_every_defect_and_every_refusal_has_its_case():
    assert set(CASES) == {defect.name for defect in DEFECTS}
    assert set(REFUSED) == set(analyzer.REFUSALS)
