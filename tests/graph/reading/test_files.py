"""Files become a manifest, or one error that names all that is wrong."""

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.errors import ManifestError
from tenantmesh.graph.reading import files, read_files
from tenantmesh.graph.reading.documents import DEEPEST, MOST_COPIES, read_yaml

POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n"


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(*paths: Path) -> tuple[str, ...]:
    with pytest.raises(ManifestError) as caught:
        read_files(paths)
    return caught.value.problems


def places(manifest) -> dict[str, str]:
    return {str(one.key): one.source.rpartition("/")[2] for one in manifest}


def test_documents_lists_and_json_of_a_folder_are_objects_with_their_lines(tmp_path):
    written(tmp_path, "b.yaml", f"# first\n---\n---\n{POD.format(name='one')}---\n{POD.format(name='two')}")
    items = "".join(f"- {POD.format(name=name)}".replace("\n", "\n  ").rstrip(" ") for name in ("three", "four"))
    written(tmp_path, "deep/er/list.yml", f"apiVersion: v1\nkind: List\nitems:\n{items}")
    written(tmp_path, "a.json", json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}))
    written(tmp_path, "kustomization.yaml", "resources: []\n")
    written(tmp_path, "notes.txt", "{")
    assert places(read_files([tmp_path])) == {
        "Namespace n": "a.json:1",
        "Pod default/four": "list.yml:8",
        "Pod default/one": "b.yaml:4",
        "Pod default/three": "list.yml:4",
        "Pod default/two": "b.yaml:9",
    }


def test_items_of_a_list_of_one_kind_are_of_that_kind(tmp_path):
    items = [{"metadata": {"name": "x"}}, {"metadata": {"name": "y"}}]
    written(tmp_path, "a.json", json.dumps({"apiVersion": "v1", "kind": "ServiceList", "items": items}, indent=1))
    assert places(read_files([tmp_path])) == {"Service default/x": "a.json:5", "Service default/y": "a.json:10"}


def test_objects_live_where_kubectl_and_the_server_put_them(tmp_path):
    definition = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.example.com}}
spec: {{group: example.com, scope: {scope}, names: {{kind: {kind}, plural: {plural}}}, versions: []}}
---
"""
    one = "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x{namespace}}}\n---\n"
    written(
        tmp_path,
        "a.yaml",
        one.format(version="example.com/v1", kind="Inside", namespace="")
        + one.format(version="example.com/v1", kind="Whole", namespace=", namespace: acme")
        + one.format(version="example.com/v1", kind="Unheard", namespace="")
        + one.format(version="rbac.authorization.k8s.io/v1", kind="ClusterRole", namespace=", namespace: acme")
        + one.format(version="v1", kind="ConfigMap", namespace=", namespace: ''")
        + definition.format(kind="Inside", plural="insides", scope="Namespaced")
        + definition.format(kind="Whole", plural="wholes", scope="Cluster"),
    )
    assert {str(one.key) for one in read_files([tmp_path])} == {
        "Inside default/x",
        "Whole x",
        "Unheard x",
        "ClusterRole x",
        "ConfigMap default/x",
        "CustomResourceDefinition insides.example.com",
        "CustomResourceDefinition wholes.example.com",
    }


def test_the_same_files_in_any_order_are_the_same_manifest(tmp_path):
    paths = [written(tmp_path, f"{name}.yaml", POD.format(name=name)) for name in ("x", "z")]
    assert read_files(paths) == read_files(reversed(paths))


def test_every_problem_of_every_file_is_named_at_once(tmp_path):
    written(tmp_path, "a.yaml", "kind: [\n")
    written(tmp_path, "b.yaml", "apiVersion: v1\nkind: Pod\n---\njust text\n")
    written(tmp_path, "c.yaml", b"\xff\xfe\x00")
    written(tmp_path, "d.json", '{"kind": "Pod", "kind": "Pod"}')
    written(tmp_path, "e.yaml", f"{POD.format(name='x')}---\n{POD.format(name='x')}")
    written(tmp_path, "f.yaml", f"{POD.format(name='z')}  labels: none\nspec: []\n")
    found = problems(tmp_path, tmp_path / "missing")
    assert [one.replace(f"{tmp_path}/", "") for one in found] == [
        "a.yaml:2: did not find expected node content, column 1",
        "b.yaml:1: no object of Kubernetes: it has no metadata.name",
        "b.yaml:4: a str is no object of Kubernetes",
        "c.yaml: not UTF-8 text (byte 0)",
        "d.json:1: the key 'kind' is there twice",
        "f.yaml:1: spec, metadata.labels: has to be a map",
        "missing: there is no such file or folder",
        f"e.yaml:6: Pod default/x is at {tmp_path}/e.yaml:1 already".replace(f"{tmp_path}/", ""),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: 1\na: 2\n", "the key 'a' is there twice"),
        ("a: !!python/object/apply:os.system [ls]\n", "the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("a: !mine text\n", "the tag !mine is not allowed"),
        ("a: *b\n", "the alias b stands for nothing yet"),
        ("a: &b 1\nd:\n  <<: *b\n", "only maps can be merged (<<)"),
        ("a: &b {c: 1}\nd:\n  <<: [*b, x]\n", "only maps can be merged (<<)"),
        ("a: &b {c: 1}\nd:\n  <<: *b\n  c: 2\n  c: 3\n", "the key 'c' is there twice"),
        ("a: .inf\n", ".inf can't be written in JSON"),
        ("a: !!int 1.5\n", "'1.5' is not what its tag"),
        ("[a]: 1\n", "a key has to be text"),
        ("[" * 100_000, f"nested deeper than {DEEPEST} levels"),
        ("{a: " * 100_000, f"nested deeper than {DEEPEST} levels"),
        ("- " * 100_000 + "a", f"nested deeper than {DEEPEST} levels"),
        ("a: \x07\n", "control characters are not allowed"),
    ],
)
def test_what_no_object_needs_is_refused(tmp_path, text, wanted):
    (found,) = problems(written(tmp_path, "a.yaml", text))
    assert wanted in found


def test_an_alias_that_contains_itself_is_refused(tmp_path):
    (found,) = problems(written(tmp_path, "a.yaml", "a: &b [*b]\n"))
    assert "the alias b stands for nothing yet" in found


def test_aliases_that_stand_for_very_much_are_refused(tmp_path):
    """Nine levels of nine aliases each, the "billion laughs"."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (found,) = problems(written(tmp_path, "a.yaml", "\n".join(lines)))
    assert f"its aliases stand for more than {MOST_COPIES:,} values" in found


def test_json_nested_beyond_measure_is_refused(tmp_path):
    """By the parser's measure, and by ours."""
    for text in ("[" * 200_000, "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)):
        (found,) = problems(written(tmp_path, "a.json", text))
        assert f"nested deeper than {DEEPEST} levels" in found


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(files.LARGEST + 1)
    (found,) = problems(path)
    assert "split it" in found


def test_a_folder_without_objects_is_an_error(tmp_path):
    assert "holds no file" in problems(tmp_path)[0]
    written(tmp_path, "empty.yaml", "---\n# nothing\n")
    assert "there are no objects" in problems(tmp_path)[0]


def test_a_link_to_itself_is_no_file(tmp_path):
    written(tmp_path, "a.yaml", POD.format(name="one"))
    gone = tmp_path / "gone"
    gone.symlink_to(gone)
    assert len(read_files([tmp_path])) == 1
    assert "there is no such file" in problems(gone)[0]


def test_links_that_go_round_end(tmp_path):
    written(tmp_path, "a/pod.yaml", POD.format(name="one"))
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(read_files([tmp_path])) == 1


def test_words_mean_what_they_mean_to_kubernetes():
    """YAML 1.1, but a date is text: https://github.com/kubernetes-sigs/yaml reads it so."""
    text = (
        "a: yes\nb: 010\nc: 0x1F\nd: 2026-01-01\ne: '010'\nf: 1e3\ng: ~\nh: 1_000\ni: 1.5\nj: 0o17\nk: |\n  x\n8: y\n"
    )
    (document,) = read_yaml(text)
    assert document.value == {
        "a": True,
        "b": 8,
        "c": 31,
        "d": "2026-01-01",
        "e": "010",
        "f": 1000.0,
        "g": None,
        "h": 1000,
        "i": 1.5,
        "j": 15,
        "k": "x\n",
        "8": True,
    }


class Dumper(yaml.SafeDumper):
    """Puts into quotes what it takes for texts and Kubernetes' reader does not: words of YAML 1.1, `08`, `1e3`."""


def quoted(dumper, text):
    style = '"' if re.fullmatch(r"[yYnN]|[-+]?\.?[0-9].*", text, re.DOTALL) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


Dumper.add_representer(str, quoted)

text = st.text()
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_what_is_dumped_is_read_again(value):
    documents = list(read_yaml(yaml.dump(value, Dumper=Dumper)))
    assert [one.value for one in documents] == ([] if value is None else [value])
