"""A checkpoint file is read whole or refused with a reason, and what it holds beside the resources stays."""

import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

from tenantmesh.engine.backend import checkpoint, files
from tenantmesh.engine.backend.integrity import ordered, problem, without_dangling
from tenantmesh.errors import StateError

PATH = Path("stacks/p/dev.json")
SALT = {"type": "passphrase", "state": {"salt": "v1:s"}}


def parse(content):
    return checkpoint.parse(PATH, json.dumps(content).encode())


def deployed(**latest):
    return {"version": 3, "checkpoint": {"stack": "organization/p/dev", "latest": latest}}


def record(name, **fields):
    return {"urn": f"urn:{name}", "custom": True, "type": "a:b:C", **fields}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "has to be an object"),
        ({"version": 9, "checkpoint": {}}, "version 9 is newer"),
        ({"version": 2, "checkpoint": {}}, "version 2 is too old"),
        ({"stack": "dev", "latest": {}}, "version 0 is too old"),
        ({"version": 3}, "'checkpoint' and 'checkpoint.latest' have to be objects"),
        ({"version": 4, "features": ["views"], "checkpoint": {}}, "only the Pulumi CLI has: views"),
        (deployed(resources=1), "has to be a list"),
        (deployed(secrets_providers={"type": "awskms"}), "the secrets provider 'awskms' can't be used"),
        (deployed(secrets_providers={"type": "passphrase"}), "salt' has to be a string"),
    ],
)
def test_what_is_no_usable_checkpoint_is_refused_with_its_path(content, reason):
    with pytest.raises(StateError, match=reason) as caught:
        parse(content)
    assert str(PATH) in str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"version": 3,\n "x', "unterminated string starting at at line 2 column 2"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'{"a": NaN}', "a number that can't be read"),
        (b"9" * 5000, "a number that can't be read"),
        (b"[" * 200_000, "nested too deeply"),
        (gzip.compress(b"{}")[:-4], "damaged gzip data"),
        (b"\x1f\x8bnothing", "damaged gzip data"),
        (b"\x28\xb5\x2f\xfdxx", "zstd can't be read"),
    ],
    ids=["json", "utf-8", "nan", "number", "nesting", "torn gzip", "gzip", "zstd"],
)
def test_damaged_bytes_are_refused_with_path_and_place(data, reason):
    with pytest.raises(StateError, match=reason) as caught:
        checkpoint.parse(PATH, data)
    assert str(PATH) in str(caught.value)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "dev.json"
    path.touch()
    os.truncate(path, files.MAX_BYTES + 1)
    with pytest.raises(StateError, match=r"dev\.json: 1073741825 bytes are more than"):
        files.read(path)


def test_a_stack_that_was_only_initialised_is_empty():
    assert parse({"version": 0, "checkpoint": {"stack": "organization/p/dev"}}).records == []


def test_what_is_not_understood_stays_where_it_was():
    content = deployed(manifest={"time": "t", "plugins": [1]}, metadata={"m": 1}, extensions={"e": 1})
    content["future"] = content["checkpoint"]["config"] = {"x": 1}
    stored = json.loads(parse(content).replaced([record("a")], [], "v1:s").render())
    latest = stored["checkpoint"]["latest"]
    assert stored["future"] == stored["checkpoint"]["config"] == {"x": 1}
    assert (latest["metadata"], latest["extensions"], latest["manifest"]["plugins"]) == ({"m": 1}, {"e": 1}, [1])


def test_the_magic_is_the_digest_of_the_version_as_the_cli_checks_it():
    stored = json.loads(checkpoint.blank(PATH, "organization/p/dev").replaced([record("a")], [], "").render())
    manifest = stored["checkpoint"]["latest"]["manifest"]
    assert manifest["magic"] == hashlib.sha256(manifest["version"].encode()).hexdigest()


def test_equal_content_is_the_same_checkpoint_and_true_is_not_one():
    old = parse(deployed(manifest={}, secrets_providers=SALT, resources=[record("a", outputs={"x": True})]))
    assert old.replaced([record("a", outputs={"x": True})], [], "v1:s") is old
    assert old.replaced([record("a", outputs={"x": 1})], [], "v1:s") is not old


def test_a_feature_that_needs_a_new_reader_raises_the_version_and_is_named():
    old = checkpoint.blank(PATH, "organization/p/dev")
    assert json.loads(old.replaced([record("a")], [], "").render())["version"] == 3
    stored = json.loads(old.replaced([record("a", taint=True)], [], "").render())
    assert (stored["version"], stored["features"]) == (4, ["taint"])


PROVIDER = {"urn": "urn:p", "custom": True, "type": "pulumi:providers:a", "id": "1"}


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([record("a", parent="urn:x")], "its parent urn:x is missing"),
        ([record("a", dependencies=["urn:b"]), record("b")], "its dependency urn:b comes after it"),
        ([record("a", propertyDependencies={"k": ["urn:b"]})], "its property dependency urn:b is missing"),
        ([record("a", deletedWith="urn:b")], "its deletedWith urn:b is missing"),
        ([PROVIDER, record("a", provider="urn:p::2")], "unknown provider urn:p::2"),
        ([record("a"), record("a")], "is there twice"),
    ],
)
def test_an_order_that_the_cli_refuses_is_found(records, reason):
    assert reason in (problem(records) or "")


def test_a_sound_order_has_no_problem():
    old = record("a", provider="urn:p::1", delete=True)
    assert problem([PROVIDER, old, record("a", provider="urn:p::1"), record("b", parent="urn:a")]) is None


def test_records_are_put_in_order_and_otherwise_left_where_they_are():
    chain = [record(str(place), dependencies=[f"urn:{place + 1}"]) for place in range(5000)]
    result = ordered([record("z"), *chain, record("5000")])
    assert problem(result) is None
    assert [item["urn"] for item in result[:2]] == ["urn:z", "urn:5000"]


def test_dependencies_on_what_is_gone_are_dropped():
    gone = record("a", dependencies=["urn:b", "urn:x"], propertyDependencies={"k": ["urn:x"]}, deletedWith="urn:x")
    assert without_dangling(gone, {"urn:a", "urn:b"}) == record(
        "a", dependencies=["urn:b"], propertyDependencies={"k": []}
    )
