"""CEL in Python: the functions by themselves, and the translated rules against an implementation of CEL."""

import functools
import json

import celpy
import pytest

from tenantmesh.schema.catalog import kind
from tenantmesh.schema.cel import (
    both,
    duration,
    either,
    every,
    integer,
    is_ip,
    is_url,
    matches,
    one,
    some,
    substring,
)
from tenantmesh.schema.defaults import filled
from tenantmesh.schema.opaque import OPAQUE, OpaqueError
from tenantmesh.schema.rules import RULES

SECOND = 10**9


def fails(kind=ValueError):
    def decide():
        raise kind

    return decide


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("1ms", 10**6),
        ("1h30m", 5400 * SECOND),
        (".5s", SECOND // 2),
        ("-1.5s", -3 * SECOND // 2),
        ("1µs", 1000),
    ],
)
def test_a_duration_is_read_as_go_writes_it(text, nanoseconds):
    assert duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "1", "s", ".s", "1 s", "1d", "1s ", "--1s", "9999999999h"])
def test_what_go_does_not_read_as_a_duration_fails(text):
    with pytest.raises(ValueError, match="duration"):
        duration(text)


@pytest.mark.parametrize(
    "text", ["https://a.b/c?d", "/a", "oci://r.example.com/x:1", "http://[::1]:80/", "mailto:a@b", "*"]
)
def test_an_absolute_address_is_a_url(text):
    assert is_url(text)


@pytest.mark.parametrize(
    "text", ["", "a/b", ":a", "http://a:b/", "http://a b/", "/%zz", "http://[::1", "/a\nb", "a.b/c:1"]
)
def test_what_go_does_not_read_as_a_request_uri_is_no_url(text):
    assert not is_url(text)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("10.0.0.1", True),
        ("::1", True),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%a", False),
        ("10.0.0.01", False),
        ("a", False),
    ],
)
def test_an_address_is_an_ip_without_zone_or_mapping(text, verdict):
    assert is_ip(text) is verdict


@pytest.mark.parametrize("text", ["", "1_0", " 1", "1.0", "٣", str(2**63)])
def test_only_64_bit_decimals_are_integers(text):
    with pytest.raises(ValueError, match="integer"):
        integer(text)


def test_a_substring_out_of_range_fails():
    assert substring("abc", 1, 2) == "b"
    assert substring("abc", 3) == ""
    with pytest.raises(ValueError, match="range"):
        substring("abc", 2, 4)


def test_a_pattern_ends_where_the_text_ends():
    assert not matches("a\n", r"^a\Z")


def test_a_failure_does_not_count_when_the_other_side_decides():
    assert either(fails(), lambda: True)
    assert either(lambda: True, fails())
    assert not both(fails(), lambda: False)
    assert not both(lambda: False, fails())


@pytest.mark.parametrize(
    "decide", [lambda f: either(f, lambda: False), lambda f: both(f, lambda: True), lambda f: both(lambda: True, f)]
)
def test_a_failure_counts_when_the_other_side_does_not_decide(decide):
    with pytest.raises(ValueError):  # noqa: PT011  the failure itself has no words
        decide(fails())


def test_what_cannot_be_known_outweighs_what_fails():
    with pytest.raises(OpaqueError):
        either(fails(OpaqueError), fails(ValueError))
    with pytest.raises(OpaqueError):
        either(fails(ValueError), fails(OpaqueError))


def test_one_deciding_item_outweighs_failing_ones():
    values = [{}, {"a": 1}]
    assert some(values, lambda it: it["a"] == 1)
    assert not every(values, lambda it: it["a"] == 2)
    with pytest.raises(LookupError):
        one(values, lambda it: it["a"] == 1)


@pytest.mark.parametrize(
    "ask",
    [
        bool,
        len,
        iter,
        lambda it: it == 1,
        lambda it: it < 1,
        lambda it: it["a"],
        lambda it: "a" in it,
        lambda it: it + "a",
    ],
)
def test_an_opaque_value_answers_nothing(ask):
    with pytest.raises(OpaqueError):
        ask(OPAQUE)


# Kubernetes' own functions, which the other implementation lacks.
EXTENSIONS = ("isURL", "isIP", "url(", ".substring(", ".split(")


def test_the_translated_rules_decide_as_cel_does(custom, changes):
    """On everything that small changes of a good body bring before a rule of its kind."""
    asked = dict(questions([custom, *(body for _, body in changes(custom))]))
    comparable = {key: value for key, value in asked.items() if not any(name in key[0] for name in EXTENSIONS)}
    differ = [
        (rule, value) for (rule, _), value in comparable.items() if held(rule, value) is not by_celpy(rule, value)
    ]
    assert not differ


def test_every_rule_comes_up_in_a_good_body(untouched):
    """The comparison above is worth something only for the rules that it meets."""
    asked = {rule for body in untouched.values() for (rule, _), _ in questions([body])}
    assert set(RULES) - asked == set()


def test_every_rule_is_held_against_something(untouched):
    """No rule of a schema is without its translation."""
    rules = {rule for body in untouched.values() for rule in all_rules(kind(body["apiVersion"], body["kind"]).schema)}
    assert rules == set(RULES)


def questions(bodies):
    for body in bodies:
        found = kind(body["apiVersion"], body["kind"])
        if found.site and found.validator.is_valid(filled(body, found.site)):
            yield from visits(filled(body, found.site), found.site)


def visits(value, site):
    if value is None:
        return
    for rule, _ in site.rules:
        yield (rule, json.dumps(value)), value
    if isinstance(value, dict):
        for key, below in value.items():
            at = site.fields.get(key) or site.values
            yield from visits(below, at) if at else ()
    elif isinstance(value, list) and site.items:
        for item in value:
            yield from visits(item, site.items)


def held(rule, value):
    try:
        return RULES[rule](value)
    except (LookupError, TypeError, ValueError):
        return False


def by_celpy(rule, value):
    try:
        return bool(program(rule).evaluate({"self": celpy.json_to_cel(value)}))
    except celpy.CELEvalError:
        return False


@functools.cache
def program(rule):
    environment = celpy.Environment()
    return environment.program(environment.compile(rule))


def all_rules(schema):
    if isinstance(schema, dict):
        for rule in schema.get("x-kubernetes-validations", ()):
            yield rule["rule"]
        for below in schema.values():
            yield from all_rules(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from all_rules(below)
