"""What is undecided is told once, and counts until somebody exempts it."""

import pytest
from msgspec.structs import replace

from tenantmesh.report import Format, render_difference, render_proof
from tests.report.samples import CLEAN, LEAKS, LIMITLESS, ODD, PROOF, SAME

ODD_FINDING = replace(LIMITLESS, tenants=("*",), objects=(ODD.object,), message=ODD.reason)
TOLD = replace(CLEAN, unproven=(ODD,), findings=(ODD_FINDING,))
EXEMPTED = replace(CLEAN, unproven=(ODD,), exempted=(ODD_FINDING,))


@pytest.mark.parametrize("wanted", [Format.TEXT, Format.MARKDOWN])
def test_what_a_finding_tells_is_not_told_again(wanted):
    assert render_proof(TOLD, wanted).count(ODD.reason) == 1
    assert render_proof(PROOF, wanted).count(ODD.reason) == 1


def test_json_tells_all_that_is_undecided():
    assert render_proof(TOLD, Format.JSON).count(ODD.reason) == 2


def test_what_is_undecided_leaves_the_proof_open_until_it_is_exempted():
    assert render_proof(TOLD, Format.TEXT).startswith("not proven: 1 warning, 1 undecided")
    assert render_proof(EXEMPTED, Format.TEXT).startswith("isolated: no findings")


def test_a_finding_of_another_object_tells_nothing():
    other = replace(ODD_FINDING, objects=LEAKS.objects)
    assert render_proof(replace(TOLD, findings=(other,)), Format.TEXT).count(ODD.reason) == 2


def test_a_difference_tells_only_what_is_newly_undecided():
    both = replace(SAME, base=replace(CLEAN, unproven=(ODD,)), head=replace(CLEAN, unproven=(ODD,)))
    assert ODD.reason not in render_difference(both, Format.MARKDOWN)
    assert ODD.reason in render_difference(replace(both, base=CLEAN), Format.MARKDOWN)
    assert render_difference(both, Format.TEXT).startswith("isolation not proven")
