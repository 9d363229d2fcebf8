"""What `preview` says of reachability: the state against the plan."""

import json

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

import tenantmesh as tm
from tenantmesh.cli.reaching import tell_reachable
from tenantmesh.engine.display import JsonDisplay
from tenantmesh.engine.run import RunResult
from tests.cli.checked import run
from tests.components.programs import made

LOCKED = """
import tenantmesh as tm

tm.Tenant("acme", tm.TenantArgs())
"""


def fenced():
    """Two tenants that are kept apart."""
    tm.Tenant("acme", tm.TenantArgs())
    tm.Tenant("globex", tm.TenantArgs())


def opened():
    """The same, and policies by which the one lets the other in and the other may go there."""
    fenced()
    policy("acme", "ingress", [{"from_": [namespace("globex")]}])
    policy("globex", "egress", [{"to": [namespace("acme")]}])


def policy(tenant, way, rules):
    """A NetworkPolicy of all pods of `tenant`, in one direction."""
    spec = {"pod_selector": {}, "policy_types": [way.title()], way: rules}
    kubernetes.networking.v1.NetworkPolicy(f"{tenant}-hole", metadata={"name": "hole", "namespace": tenant}, spec=spec)


def namespace(name):
    """A peer: the pods of this namespace."""
    return {"namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": name}}}


def unreadable():
    """A tenant whose namespace declares what can't be used."""
    kubernetes.core.v1.Namespace(
        "acme",
        metadata={
            "name": "acme",
            "labels": {"tenantmesh.dev/tenant": "acme"},
            "annotations": {"tenantmesh.dev/exports": "no list"},
        },
    )


def planned(before, after):
    """A preview of `after` on a stack that was made as `before`."""
    state = made(before, preview=True).resources if before else ()
    return RunResult(ok=True, resources=made(after, preview=True).resources, before=state)


def document(result):
    """The keys that reachability adds to a document."""
    written = []
    display = JsonDisplay(written.append)
    tell_reachable(result, display)
    display.close()
    return json.loads("".join(written) or "{}")


def test_a_hole_that_is_planned_is_a_new_finding_with_its_object(capsys):
    tell_reachable(planned(fenced, opened), None)
    told = capsys.readouterr().out
    assert "breaks isolation" in told
    assert "then: not isolated: " in told
    assert "NetworkPolicy acme/hole" in told


def test_a_hole_that_is_closed_is_told_as_well(capsys):
    tell_reachable(planned(opened, fenced), None)
    told = capsys.readouterr().out
    assert "then: isolated: no findings, 2 tenants looked at" in told
    assert "Fixed findings" in told


def test_what_stays_as_it_is_opens_nothing():
    found = document(planned(fenced, fenced))["reachability"]
    assert (found["outcome"], found["proof"]) == ("keeps isolation", "isolated")
    assert [found[key] for key in ("opened", "closed", "findings", "objects")] == [[], [], [], []]


def test_the_document_has_what_diff_writes():
    found = document(planned(fenced, opened))["reachability"]
    assert (found["outcome"], found["proof"]) == ("breaks isolation", "not isolated")
    assert "network-reach" in {one["rule"] for one in found["findings"]}
    assert [one["object"]["name"] for one in found["objects"]] == ["hole", "hole"]


def test_a_stack_without_tenants_says_nothing(capsys):
    result = planned(None, lambda: pulumi.export("answer", 42))
    assert document(result) == {}
    tell_reachable(result, None)
    assert capsys.readouterr().out == ""


def test_objects_that_can_not_be_proven_are_told_and_fail_nothing(capsys):
    result = planned(None, unreadable)
    assert document(result)["reachability"]["outcome"] == "isolation not proven"
    tell_reachable(result, None)
    assert "what becomes reachable is not known" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_preview_says_it_below_or_within_what_it_printed_before(tmp_path, flags):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(LOCKED)
    (tmp_path / "state").mkdir()
    variables = {"PULUMI_BACKEND_URL": f"file://{tmp_path}/state", "PULUMI_CONFIG_PASSPHRASE": "a passphrase"}
    told = run("preview", "-s", "dev", *flags, code=0, folder=tmp_path, variables=variables)
    if not flags:
        assert told.index("Resources: ") < told.index("then: isolated: no findings, 1 tenant looked at")
        return
    found = json.loads(told)
    assert list(found)[-2:] == ["result", "reachability"]
    assert found["reachability"]["proof"] == "isolated"
