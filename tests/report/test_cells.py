"""What a cell means, and which cells are alike."""

import pytest
from msgspec.structs import replace

from tenantmesh.checks.proof import Shown, TenantClass
from tenantmesh.graph.verdict import Answer
from tenantmesh.report.cells import State, States, alike
from tests.report.samples import BREACH, DECLARED, FRONT, HALF, PROOF, verdict
from tests.report.sizes import large


@pytest.mark.parametrize(
    ("edge", "state"),
    [
        (BREACH, State.BREACH),
        (HALF, State.PARTIAL),
        (DECLARED, State.GRANTED),
        (replace(DECLARED, open=False), State.BROKEN),
        (FRONT, State.PASSAGE),
        (replace(HALF, shown=Shown("", verdict(Answer.UNPROVEN))), State.UNDECIDED),
        (replace(DECLARED, open=False, shown=Shown("", verdict(Answer.UNPROVEN))), State.UNDECIDED),
        (replace(HALF, shown=Shown("", verdict(Answer.UNPROVEN, Answer.DENIED))), State.PARTIAL),
        (replace(BREACH, source="*"), State.BREACH),
        (replace(BREACH, destination="istio-system"), State.BREACH),
        (replace(FRONT, declared=False), State.BREACH),
        (replace(FRONT, open=False), State.PASSAGE),
        (replace(BREACH, source="acme", destination="acme"), State.PASSAGE),
    ],
)
def test_an_edge_has_a_state(edge, state):
    assert States(PROOF)[edge] is state


def test_the_worst_edges_come_first():
    assert States(PROOF).worst_first(PROOF.matrix) == [BREACH, HALF, DECLARED, FRONT]


def test_equal_edges_of_equal_tenants_are_one_group():
    assert [len(each.edges) for each in alike(large(50))] == [100]


def test_edges_of_unequal_tenants_are_apart():
    proof = large(4, grants=1)
    split = replace(proof, classes=(TenantClass(tenants=proof.tenants[:2]), TenantClass(tenants=proof.tenants[2:])))
    assert sum(len(each.edges) for each in alike(split)) == 4
    assert len(alike(split)) == 4
