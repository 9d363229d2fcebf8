"""The line of a part of an object, in YAML and JSON, in lists and long files."""

import json

import pytest

from tenantmesh.graph.reading import read_files
from tenantmesh.graph.reading.lines import place_of

TEXT = """\
# a comment
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: x
  annotations:
    a.example.com/b: c
    a: d
spec:
  podSelector: {}
  ingress:
  - from:
    - podSelector: {}
    - namespaceSelector:
        matchLabels: {a: b}
    ports: [{port: 80},
      {port: 81}]
  -
    from: []
---
apiVersion: v1
kind: ConfigMap
metadata: {name: z}
"""


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    found = {one.key.kind: one.source for one in read_files([file])}
    assert found == {"NetworkPolicy": f"{file}:2", "ConfigMap": f"{file}:21"}
    return found


def line(source, path):
    return int(place_of(source, path).rpartition(":")[2])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", 2),
        ("spec", 9),
        ("spec.podSelector", 10),
        ("spec.ingress[0]", 12),
        ("spec.ingress[0].from[0]", 13),
        ("spec.ingress[0].from[1].namespaceSelector.matchLabels.a", 15),
        ("spec.ingress[0].ports[1].port", 17),
        ("spec.ingress[1].from", 19),
        ("metadata.annotations.a.example.com/b", 7),
        ("metadata.annotations.a", 8),
    ],
)
def test_the_line_of_a_part(source, path, expected):
    assert line(source["NetworkPolicy"], path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("spec.policyTypes", 9), ("spec.ingress[0].ports[0].protocol", 16), ("spec.ingress[7].from", 11), ("nothing", 2)],
)
def test_what_is_not_written_down_is_at_the_nearest_part_around_it(source, path, expected):
    assert line(source["NetworkPolicy"], path) == expected


def test_the_object_that_follows_is_another(source):
    assert line(source["ConfigMap"], "metadata.name") == 23
    assert line(source["ConfigMap"], "spec") == 21


def test_objects_of_a_list_have_their_own_lines(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(
        "apiVersion: v1\nkind: List\nitems:\n"
        + "".join(f"  - apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: {name}\n" for name in "xz")
    )
    assert [line(one.source, "metadata.name") for one in read_files([file])] == [7, 11]


@pytest.mark.parametrize("indent", [1, 4, "\t"])
def test_objects_of_json_have_their_lines(tmp_path, indent):
    kind = {"apiVersion": "example.com/v1", "kind": "Wanderer"}
    items = [{**kind, "metadata": {"name": name}, "spec": {"a": [1, 2]}} for name in "xz"]
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=indent))
    text = file.read_text().split("\n")
    lines = [line(one.source, "spec.a[1]") for one in read_files([file])]
    assert [text[one - 1].strip() for one in lines] == ["2", "2"]
    assert lines[0] < lines[1]


def test_a_long_object_is_read_to_its_end(tmp_path):
    data = "".join(f"  k{number}: v\n" for number in range(5000))
    file = tmp_path / "a.yaml"
    file.write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n{data}---\n# end\n")
    (one,) = read_files([file])
    assert line(one.source, "data.k4999") == 5004


@pytest.mark.parametrize("source", ["", "app/__main__.py:3", "gone.yaml:3", "a.yaml", "gone.json:1"])
def test_what_is_no_file_or_is_gone_stays_as_it_is(source):
    assert place_of(source, "spec") == source


@pytest.mark.parametrize("text", ["", "[", "text", "{", "\x00", "- - a", "a: [", "*x"])
def test_a_file_that_has_changed_since_ends_nothing(tmp_path, text):
    file = tmp_path / "a.yaml"
    file.write_text(text)
    assert place_of(f"{file}:1", "spec.a") == f"{file}:1"
