"""`tenantmesh verify` as scripts see it: exit codes and output."""

import json

import pytest

from tests.cli.checked import breached, folder, run


def verify(*arguments, code):
    return run("verify", *arguments, code=code)


def test_fenced_tenants_end_with_0(tmp_path):
    assert "isolated" in verify("--manifests", folder(tmp_path / "a"), code=0)


def test_findings_end_with_1_and_are_told_by_the_rule_and_the_line(tmp_path):
    told = verify("--manifests", breached(tmp_path / "a", "unprotected-label"), code=1)
    assert "unprotected-label" in told
    assert "03.yaml:1" in told


def test_json_has_the_fields_of_the_contract(tmp_path):
    document = json.loads(verify("--manifests", breached(tmp_path / "a", "network-reach"), "--format", "json", code=1))
    assert document["tenants"] == ["acme", "globex"]
    assert {"source", "destination", "ports", "layers"} <= document["matrix"][0].keys()
    wanted = {"rule", "severity", "tenants", "objects", "witness", "message", "fix"}
    assert all(wanted <= one.keys() for one in document["findings"])
    assert "network-reach" in {one["rule"] for one in document["findings"]}
    assert document["unproven"] == []


@pytest.mark.parametrize("shape", ["text", "json", "sarif", "html", "markdown"])
def test_every_format_can_be_written_to_a_file(tmp_path, shape):
    report = tmp_path / "report"
    assert verify("--manifests", folder(tmp_path / "a"), "--format", shape, "-o", report, code=0) == ""
    assert report.read_text()


def test_files_and_several_folders_are_read_together(tmp_path):
    one, other = folder(tmp_path / "a"), tmp_path / "pod.yaml"
    other.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: open}\n")
    assert "quota-missing" in verify("--manifests", one, "--manifests", other, code=1)
    assert "quota-missing" in verify("--manifests", one, other, code=1)


def test_a_namespace_can_be_shared_by_an_option(tmp_path):
    one = folder(tmp_path / "a", "apiVersion: v1\nkind: Namespace\nmetadata: {name: tools}\n")
    verify("--manifests", one, code=1)
    verify("--manifests", one, "--shared-namespace", "tools", code=0)


def test_an_intent_file_bears_findings_with_a_reason(tmp_path):
    intent = tmp_path / "intent.yaml"
    intent.write_text("exemptions: [{rule: unprotected-label, reason: old cluster, expires: 2999-12-31}]\n")
    verify("--manifests", breached(tmp_path / "a", "unprotected-label"), "--intent", intent, code=0)
    assert "exemption-unused" in verify("--manifests", folder(tmp_path / "b"), "--intent", intent, code=1)


@pytest.mark.parametrize("text", ["a: [", "- 1\n- 2\n", "just text", "kind: [1]\n", "a: &a [*a]\n"])
def test_what_is_no_object_ends_with_2_and_names_the_file(tmp_path, text):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    told = verify("--manifests", file, code=2)
    assert "bad.yaml" in told
    assert "Traceback" not in told


def test_a_folder_that_is_not_there_ends_with_2(tmp_path):
    assert "no such file or folder" in verify("--manifests", tmp_path / "none", code=2)


def test_an_intent_that_is_wrong_ends_with_2_and_every_wrong_field(tmp_path):
    intent = tmp_path / "intent.yaml"
    intent.write_text("tenant: x\ngrants: [{source: a}]\n")
    told = verify("--manifests", folder(tmp_path / "a"), "--intent", intent, code=2)
    assert "tenant: is not known here" in told
    assert "grants[0].destination: is required" in told


def test_a_project_that_is_not_there_ends_with_2(tmp_path):
    assert "Pulumi.yaml" in run("verify", "-s", "dev", code=2, folder=tmp_path)


PROJECT = "name: small\nruntime: python\nmain: program.py\n"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"kind: {\n", ":2: "),
        (b"\x00\xff\xfe\x89PNG", "not UTF-8 text"),
        (b"[" * 100_000, "nested deeper than 200 levels"),
        (LAUGHS.encode(), "its aliases stand for more than 100,000 values"),
        (b"x" * (100 * 1024 * 1024), "split it"),
        (
            b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: x, selector: []}\n",
            "a: spec.selector: must be object, not array",
        ),
    ],
    ids=["broken", "binary", "deep", "bomb", "100 MB", "shape"],
)
def test_a_file_that_is_no_use_ends_with_2_and_one_message(tmp_path, content, says):
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    told = verify("--manifests", file, code=2)
    assert told.startswith("error: ")
    assert f"{file}" in told
    assert says in told
    assert "Traceback" not in told


def test_an_empty_folder_ends_with_2(tmp_path):
    assert "holds no file that ends in" in verify("--manifests", tmp_path, code=2)


def test_objects_without_any_tenant_end_with_2(tmp_path):
    """That nothing was looked at is no proof."""
    only = tmp_path / "only.yaml"
    only.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n")
    assert "there is no tenant" in verify("--manifests", only, code=2)


def test_a_cycle_of_aggregated_roles_is_proven(tmp_path):
    """The API server takes it too: each role has the rules of both."""
    cycle = "".join(
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
        f"metadata: {{name: {one}, labels: {{with: {one}}}}}\n"
        f"aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{with: {other}}}}}]}}\n"
        for one, other in (("a", "b"), ("b", "a"))
    )
    assert "Traceback" not in verify("--manifests", folder(tmp_path / "a", cycle), code=0)


def test_an_unknown_kind_leaves_the_proof_open(tmp_path):
    widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: acme}\nspec: [5]\n"
    assert "Widget" in verify("--manifests", folder(tmp_path / "a", widget.replace("[5]", "{a: null}")), code=1)


@pytest.mark.parametrize(
    ("program", "says"), [("raise ValueError('no such team')\n", "no such team"), ("import (\n", "program.py")]
)
def test_a_program_that_fails_ends_with_2_and_its_reason(tmp_path, program, says):
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    (tmp_path / "program.py").write_text(program)
    assert says in run("verify", "-s", "dev", code=2, folder=tmp_path)
