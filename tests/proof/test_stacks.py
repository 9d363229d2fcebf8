"""The stacks of every environment prove clean with no exemption, and a stranger is shut out of each tenant twice."""

from functools import cache

import pytest

from tenantmesh.cli.proving import Meaning, proven
from tenantmesh.cli.sources import Source
from tenantmesh.graph.verdict import Answer, Layer
from tests.proof.subjects import ROOT

STACKS = ("dev", "staging", "prod")


@cache
def proof(stack):
    return proven(Source(stack=stack, program=ROOT).read(), Meaning()).proof


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_proves_clean(stack):
    found = proof(stack)
    assert [(one.rule.id, one.message) for one in found.findings] == []
    assert (found.unproven, found.exempted) == ((), ())
    assert all(one.declared for one in found.matrix)


@pytest.mark.parametrize("stack", STACKS)
def test_no_tenant_of_a_stack_reaches_another(stack):
    found = proof(stack)
    assert len(found.tenants) > 1
    assert [one for one in found.matrix if {one.source, one.destination} <= {*found.tenants, "*"}] == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_network_and_identity_each_shut_a_stranger_out_of_a_stack(stack):
    for fence in proof(stack).fences:
        denied = {one.layer for one in fence.shown.verdict.layers if one.answer is Answer.DENIED}
        assert denied >= {Layer.NETWORK, Layer.IDENTITY}
