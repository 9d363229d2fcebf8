"""Reports point at the line of the part that decided, where the file is there to be looked at."""

from tenantmesh.checks.outcome import finding
from tenantmesh.checks.proof import Proof
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.document import object_document
from tenantmesh.report.html.model import proof_model
from tenantmesh.report.sarif.locations import location, related
from tenantmesh.report.text.lines import where

TEXT = "kind: NetworkPolicy\nmetadata:\n  name: x\nspec:\n  ingress:\n  - {}\n"


def written(folder):
    file = folder / "a.yaml"
    file.write_text(TEXT)
    return ManifestObject(body={"kind": "NetworkPolicy", "metadata": {"name": "x"}}, source=f"{file}:1")


def test_a_location_is_that_of_the_part(tmp_path):
    one = written(tmp_path)
    assert location(one, "spec.ingress[0]")["physicalLocation"]["region"] == {"startLine": 6}
    assert location(one)["physicalLocation"]["region"] == {"startLine": 1}


def test_evidence_is_at_its_own_line(tmp_path):
    (told,) = related((Evidence(Effect.ALLOWS, "allows it", written(tmp_path), "spec"),), ())
    assert told["physicalLocation"]["region"] == {"startLine": 4}


def test_people_see_the_same_line(tmp_path):
    one = written(tmp_path)
    assert where(one, "spec.ingress[0]")[1] == (f"  {tmp_path / 'a.yaml'}:6", "dim")


def found(one):
    evidence = (Evidence(Effect.ALLOWS, "allows it", one, "spec.ingress[0]"),)
    return finding(rules.NETWORK_REACH, ("acme",), (one,), witness="a", message="b", evidence=evidence)


def test_scripts_see_the_line_of_a_finding_and_of_evidence(tmp_path):
    one = written(tmp_path)
    assert found(one).path_in(one) == "spec.ingress[0]"
    assert object_document(one, "spec.ingress[0]")["source"] == f"{tmp_path / 'a.yaml'}:6"
    assert object_document(one)["source"] == f"{tmp_path / 'a.yaml'}:1"


def test_the_page_shows_the_line_of_a_finding(tmp_path):
    proof = Proof(tenants=("acme",), shared=(), matrix=(), findings=(found(written(tmp_path)),), unproven=())
    assert [place for _, place in proof_model(proof)["objects"]] == [f"{tmp_path / 'a.yaml'}:6"]
