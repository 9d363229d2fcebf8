"""JSON for scripts: the contract's keys, the schema, stable bytes, and no secret."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema_rs
import pytest

from tenantmesh.report import Format, render_difference, render_explanation, render_proof
from tests.report.samples import CLEAN, DIFFERENCE, EXPLANATION, PROOF, SAME

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(files("tenantmesh.report").joinpath("schema.json").read_text())
DOCUMENTS = {
    "proof": [render_proof(PROOF, Format.JSON), render_proof(CLEAN, Format.JSON)],
    "difference": [render_difference(DIFFERENCE, Format.JSON), render_difference(SAME, Format.JSON)],
    "explanation": [render_explanation(EXPLANATION, Format.JSON)],
}
CASES = [(what, text) for what, texts in DOCUMENTS.items() for text in texts]


@pytest.mark.parametrize(("what", "text"), CASES)
def test_every_document_fits_the_schema(what, text):
    jsonschema_rs.validate({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{what}"}]}, json.loads(text))


@pytest.mark.parametrize(("what", "text"), CASES)
def test_every_key_is_in_the_schema(what, text):
    """The schema allows more keys, so that it stays true; we write none that it doesn't describe."""
    closed = json.loads(json.dumps(SCHEMA["$defs"]))
    for one in _objects(closed):
        one["additionalProperties"] = False
    jsonschema_rs.validate({"$defs": closed, "$ref": f"#/$defs/{what}"}, json.loads(text))


def _objects(part):
    if isinstance(part, dict):
        if "properties" in part and "required" in part:
            yield part
        for each in part.values():
            yield from _objects(each)
    elif isinstance(part, list):
        for each in part:
            yield from _objects(each)


def test_a_document_with_a_key_less_does_not_fit():
    """Or the schema would hold nothing."""
    document = json.loads(DOCUMENTS["proof"][0])
    del document["findings"][0]["witness"]
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(document)


def test_the_contract_names_these_keys():
    document = json.loads(DOCUMENTS["proof"][0])
    assert {"tenants", "matrix", "findings", "unproven"} <= document.keys()
    assert {"source", "destination", "ports", "layers"} <= document["matrix"][0].keys()
    assert {"rule", "severity", "tenants", "objects", "witness", "message", "fix"} <= document["findings"][0].keys()


def test_an_edge_says_who_reaches_whom_and_why():
    edge = json.loads(DOCUMENTS["proof"][0])["matrix"][0]
    assert (edge["source"], edge["destination"], edge["ports"], edge["reason"]) == (
        "acme",
        "globex",
        ["9080/TCP"],
        "orders",
    )
    assert edge["layers"] == ["network", "identity", "routing"]


def test_an_object_is_named_with_its_place():
    place = json.loads(DOCUMENTS["proof"][0])["findings"][0]["objects"][0]
    assert (place["kind"], place["namespace"], place["name"], place["source"]) == (
        "NetworkPolicy",
        "acme",
        "allow-all",
        "acme/policies.yaml:12",
    )


def test_an_explanation_names_the_decider_of_each_layer():
    layers = json.loads(DOCUMENTS["explanation"][0])["layers"]
    assert [each["layer"] for each in layers] == ["network", "identity", "routing"]
    assert layers[0]["answer"] == "denied"
    assert layers[0]["evidence"][0]["object"]["name"] == "default-deny"
    assert layers[0]["change"].startswith("remove spec.ingress[0]")


@pytest.mark.parametrize("wanted", list(Format))
def test_no_format_shows_what_a_secret_holds(wanted):
    text = render_difference(DIFFERENCE, wanted)
    assert "aHVudGVy" not in text


def test_a_changed_secret_is_said_to_change():
    for wanted in (Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML):
        assert "[secret changed]" in render_difference(DIFFERENCE, wanted)


def test_the_same_data_gives_the_same_bytes_in_every_process():
    """Sets and hashes differ from process to process; no report may depend on them."""
    assert len({_written(seed) for seed in ("1", "2", "3")}) == 1


def _written(seed):
    code = (
        "from tests.report.samples import PROOF, DIFFERENCE\n"
        "from tenantmesh.report import Format, render_difference, render_proof\n"
        "for each in Format: print(render_proof(PROOF, each), render_difference(DIFFERENCE, each))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120).stdout


@pytest.mark.parametrize("wanted", list(Format))
def test_every_format_ends_with_a_line_feed(wanted):
    assert render_proof(PROOF, wanted).endswith("\n")
