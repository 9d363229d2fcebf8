"""What is refused, and how it is said."""

import pytest

from tenantmesh.errors import ProviderError


def test_every_wrong_input_is_named_at_once(random):
    inputs = {"length": 0, "minUpper": 3, "special": "yes", "keepers": {"a": ["list"]}, "minLower": 1.5}
    failures = random.check("String", inputs).failures
    assert [failure.property for failure in failures] == ["keepers.a", "special", "minLower", "length", "length"]
    assert failures[-1].reason == (
        "length is 0; make it at least 3, the sum of minUpper, minLower, minNumeric, minSpecial"
    )


@pytest.mark.parametrize(
    ("kind", "inputs", "wrong"),
    [
        ("String", {}, ["length"]),
        ("Integer", {}, ["min", "max"]),
        ("Id", {}, ["byteLength"]),
        ("Shuffle", {}, ["inputs"]),
        ("Bytes", {"length": 0}, ["length"]),
        ("Shuffle", {"inputs": ["a", {}]}, ["inputs[1]"]),
        (
            "String",
            {"length": 1, "special": False, "upper": False, "lower": False, "numeric": False, "number": False},
            ["number", "numeric"],
        ),
    ],
)
def test_a_wrong_input_is_named_by_its_path(random, kind, inputs, wrong):
    assert [failure.property for failure in random.check(kind, inputs).failures] == wrong


@pytest.mark.parametrize(
    ("kind", "inputs", "message"),
    [
        ("Integer", {"min": 2, "max": 1}, "below min"),
        ("String", {"length": 4, "number": True, "numeric": False}, "number and numeric differ"),
        ("Shuffle", {"inputs": ["a"], "resultCount": -1}, "at least 0"),
        ("Id", {"byteLength": 0}, "at least 1"),
    ],
)
def test_what_only_shows_when_it_is_made_is_an_error_then(random, kind, inputs, message):
    with pytest.raises(ProviderError, match=message):
        random.create(kind, inputs)


def test_a_state_of_a_newer_schema_is_refused(random):
    made = random.create("String", {"length": 4})
    made.outputs["__meta"] = '{"schema_version":"9"}'
    with pytest.raises(ProviderError, match="newer provider"):
        random.diff("String", made, {"length": 4})


def test_an_unknown_type_and_function_are_refused(random):
    with pytest.raises(ProviderError, match="no resource type"):
        random.check("Dice", {})
    with pytest.raises(ProviderError, match="no function"):
        random.provider.invoke("random:index:roll", {})
