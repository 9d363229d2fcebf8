"""YAML and JSON mean what they mean to a real API server, and lines are those of the text."""

import http.client
import json
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.reading.documents import Unreadable, read_yaml
from tenantmesh.graph.reading.jsontext import read_json


def yaml_value(text):
    (document,) = read_yaml(text)
    return document.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", {"b": 1, "d": 2}),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n", {"b": 2}),
        ("a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n", {"b": 1}),
        ("a: &x {b: 1}\ne: &y {b: 2, f: 3}\nc:\n  <<: [*x, *y]\n", {"b": 1, "f": 3}),
        ("c:\n  <<: {b: 1}\n", {"b": 1}),
        ("c:\n  '<<': 1\n", {"<<": 1}),
    ],
)
def test_maps_are_merged_as_the_server_merges_them(text, value):
    assert yaml_value(text)["c"] == value


def test_a_merge_leaves_the_map_that_it_takes_from():
    assert yaml_value("a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n")["a"] == {"b": 1}


def test_items_of_a_list_in_json_have_their_lines():
    text = '{\n "kind": "List",\n "items": [\n  {"a": 1},\n\n  {"a":\n   2}\n ]\n}\n'
    (document,) = read_json(text)
    assert document.value == json.loads(text)
    assert (document.line, document.lines) == (1, (4, 6))


def test_a_text_may_hold_several_documents_of_json():
    assert [(one.value, one.line) for one in read_json('{"a": 1}\n{"b": {}}\n\n[2]')] == [
        ({"a": 1}, 1),
        ({"b": {}}, 2),
        ([2], 4),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a": 1,}', 1),
        ("{\n,}", 2),
        ('{"a"\n 1}', 2),
        ("{1: 2}", 1),
        ('{"a": 1} x', 1),
        ('{"items": [1,\n]}', 2),
        ('{"items": [1', 1),
        ('{"a": 1\n, "a": 2}', 2),
        ('{"b": [\n{"a": 1, "a": 2}]}', 1),
        ('{"a": NaN}', 1),
        ("{", 1),
        ('{"a"', 1),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text, line):
    with pytest.raises(Unreadable) as caught:
        list(read_json(text))
    assert caught.value.line == line


tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("items"), inner, max_size=4),
    max_leaves=20,
)


@given(tree, st.sampled_from([None, 1]))
def test_what_is_written_as_json_is_read_again(value, indent):
    found = [one.value for one in read_json(json.dumps(value, indent=indent))]
    assert found == ([] if value is None else [value])


OBJECT = """apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: x}
spec:
  configPatches:
  - applyTo: CLUSTER
    patch:
      operation: ADD
      value:
"""
"""Of a kind that takes any value there."""
WORDS = (Path(__file__).parent / "words.txt").read_text().splitlines()
TEXTS = [
    *(f"a: {word}" for word in WORDS),
    *(f"{word}: 1" for word in ("y", "off", "1", "010", "1.5", "2026-01-01", "'~'")),
    "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2",
    "a: &x {b: 1}\nc:\n  b: 3\n  <<: *x",
    "a: &x {b: 1}\nc:\n  <<: *x\n  b: 3",
    "a: &x {b: 1}\ne: &y {b: 2, f: 3}\nc:\n  <<: [*x, *y]",
    "<<: {a: 1}\nb: 2",
    "a: &x 1\nb: &x 2\nc: *x",
    "a: |\n  x\n   y\n",
    "a: >-\n  x\n  y\n",
    'a: "\\x41\\u00e9"',
    "? |\n  x\n: 1",
    "[a]: 1",
    "a: *u",
]


def ours(text):
    try:
        return yaml_value(text)["spec"]["configPatches"][0]["patch"]["value"]
    except Unreadable:
        return Unreadable


@pytest.fixture(scope="module")
def server(cluster):
    """What a real API server makes of a text; Unreadable when it refuses it."""
    pki = cluster.layout.pki
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    host = cluster.server.removeprefix("https://")

    def ask(text):
        connection = http.client.HTTPSConnection(host, timeout=30, context=context)
        headers = {"Content-Type": "application/yaml", "Accept": "application/json"}
        path = "/apis/networking.istio.io/v1alpha3/namespaces/default/envoyfilters?dryRun=All"
        try:
            connection.request("POST", path, text.encode(), headers)
            answer = connection.getresponse()
            read = json.loads(answer.read())
        finally:
            connection.close()
        return read["spec"]["configPatches"][0]["patch"]["value"] if answer.status == 201 else Unreadable

    return ask


@pytest.mark.controlplane
@pytest.mark.parametrize("text", TEXTS)
def test_yaml_means_what_it_means_to_the_server(server, text):
    whole = OBJECT + "".join(f"        {line}\n" for line in text.splitlines())
    assert repr(_sorted(ours(whole))) == repr(_sorted(server(whole)))


def _sorted(value):
    return {key: _sorted(value[key]) for key in sorted(value)} if isinstance(value, dict) else value
