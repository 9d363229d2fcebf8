"""Reports point at the line of the part that decided, where the file is there to be looked at."""

from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject
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
