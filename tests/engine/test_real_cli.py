"""The real Pulumi CLI and the embedded engine see the same program alike and take over each other's state."""

import json
import shutil
import uuid

import pytest

from tests.engine.two_engines import EMBEDDED, REAL, Engine, Program, differences, shape

pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi, the real CLI, is not on PATH"),
]
BOTH_WAYS = pytest.mark.parametrize(
    ("first", "second"), [(REAL, EMBEDDED), (EMBEDDED, REAL)], ids=["pulumi-then-embedded", "embedded-then-pulumi"]
)
TEAM = "urn:pulumi:dev::interop::interop:index:Team"
_CHILDREN_OF_RED = ("random:index/randomPet:RandomPet::red-pet", "random:index/randomUuid:RandomUuid::red-badge")


@pytest.fixture
def program(tmp_path) -> Program:
    """The program without a cluster, its stack made and configured by the CLI."""
    return Program.copy("interop", tmp_path, tmp_path / "backend").init()


@pytest.fixture
def on_cluster(tmp_path, cluster) -> Program:
    """The program with a namespace full of objects on the control plane."""
    copied = Program.copy("interop", tmp_path, tmp_path / "backend", KUBECONFIG=str(cluster.kubeconfig))
    return copied.init(namespace=f"interop-{uuid.uuid4().hex[:8]}")


def test_both_make_the_same_records_of_the_same_program(tmp_path):
    """URNs, inputs, dependencies, options, defaults and secrecy agree though nothing is shared but the program."""
    _same_from_nothing(
        Program.copy("interop", tmp_path / "real", tmp_path / "a").init(),
        Program.copy("interop", tmp_path / "embedded", tmp_path / "b").init(),
    )


@BOTH_WAYS
def test_the_other_engine_changes_nothing(program, first: Engine, second: Engine):
    """It proposes no step, and its run leaves every record as it was: ids, inputs, outputs, secrets, stack outputs."""
    _takes_over(program, first, second)


@BOTH_WAYS
def test_both_propose_the_same_changes(program, first: Engine, second: Engine):
    """A number and a secret in the configuration change: the same updates and replacements for the same reasons."""
    first.up(program)
    program.configure(size="9").pulumi("config", "set", "--secret", "seed", "marker-other")
    proposed = first.preview(program)
    assert len(proposed) == 4
    assert second.preview(program) == proposed
    second.up(program)
    assert first.preview(program) == {}


@BOTH_WAYS
def test_an_alias_leads_to_what_the_other_engine_recorded(program, first: Engine, second: Engine):
    """The renamed component and its children keep their ids, and nothing is made or deleted."""
    first.up(program)
    before = program.state()
    program.configure(renamed="true")
    assert second.preview(program) == first.preview(program)
    second.up(program)
    after = program.state()
    assert f"{TEAM}::blue" not in after
    assert f"{TEAM}::azure" in after
    assert sorted(record.get("id", "") for record in after.values()) == sorted(
        record.get("id", "") for record in before.values()
    )
    assert first.preview(program) == {}


@BOTH_WAYS
def test_protection_by_the_one_holds_against_the_other(program, first: Engine, second: Engine):
    """Destroy fails and keeps the protected component and its children; once they are released nothing is left."""
    first.up(program)
    refused = second.destroy(program)
    assert refused.returncode != 0
    assert "protected" in refused.stdout + refused.stderr
    assert {f"{TEAM}::red", *(f"{TEAM}${child}" for child in _CHILDREN_OF_RED)} <= set(program.state())
    program.pulumi("state", "unprotect", "--all", "--yes")
    assert second.destroy(program).returncode == 0
    assert program.state() == {}


@BOTH_WAYS
def test_secrets_are_never_written_in_plain(program, tmp_path, first: Engine, second: Engine):
    """Of secrets from the configuration and from providers the backend holds only ciphertext."""
    first.up(program)
    second.up(program)
    password = json.loads(program.pulumi("stack", "output", "password", "--show-secrets", "--json"))
    written = [file.read_bytes() for file in (tmp_path / "backend").rglob("*") if file.is_file()]
    assert len(written) > 5
    for marker in ("marker-seed", "marker-setting", "PRIVATE KEY", password):
        assert not [content for content in written if marker.encode() in content]


@BOTH_WAYS
def test_a_stack_reference_reads_what_the_other_engine_wrote(program, tmp_path, first: Engine, second: Engine):
    """Another project's program gets the outputs, and the secret one stays secret."""
    first.up(program)
    reader = Program.copy("reader", tmp_path, tmp_path / "backend")
    reader.run("pulumi", "stack", "init", "dev", "--non-interactive")
    second.up(reader)
    expected, found = (
        json.loads(each.pulumi("stack", "output", "--json", "--show-secrets")) for each in (program, reader)
    )
    assert found == {key: expected[key] for key in ("teams", "password")}
    assert json.loads(reader.pulumi("stack", "output", "--json"))["password"] == "[secret]"
    assert first.preview(reader) == {}


def test_a_stack_that_the_embedded_engine_began_is_one_of_the_cli(tmp_path):
    """Without `pulumi stack init` or any configuration file, the CLI lists the stack and goes on with it."""
    program = Program.copy("reader", tmp_path, tmp_path / "backend")
    (program.folder / "__main__.py").write_text("import pulumi\npulumi.export('a', pulumi.Output.secret('b'))\n")
    EMBEDDED.up(program)
    assert [stack["name"] for stack in json.loads(program.run("pulumi", "stack", "ls", "--json").stdout)] == ["dev"]
    assert REAL.preview(program) == {}
    assert json.loads(program.pulumi("stack", "output", "--json", "--show-secrets")) == {"a": "b"}


@pytest.mark.controlplane
@pytest.mark.slow
def test_both_make_the_same_records_of_a_cluster(tmp_path, cluster):
    """Objects get the same ids, inputs and kinds of outputs, each in a namespace of its own."""
    programs = [
        Program.copy("interop", tmp_path / name, tmp_path / f"of-{name}", KUBECONFIG=str(cluster.kubeconfig)).init(
            namespace=f"interop-{uuid.uuid4().hex[:8]}"
        )
        for name in ("real", "embedded")
    ]
    try:
        _same_from_nothing(*programs)
    finally:
        for program in programs:
            _clean(program)


@pytest.mark.controlplane
@pytest.mark.slow
@BOTH_WAYS
def test_the_other_engine_changes_nothing_on_a_cluster(on_cluster, first: Engine, second: Engine):
    """Objects too: no step is proposed and the state stays as it was."""
    try:
        _takes_over(on_cluster, first, second)
    finally:
        _clean(on_cluster)


@pytest.mark.controlplane
@pytest.mark.slow
@BOTH_WAYS
def test_both_change_a_cluster_alike(on_cluster, first: Engine, second: Engine):
    """A quota is updated and an autonamed ConfigMap replaced by the other, and the first then sees no change."""
    try:
        first.up(on_cluster)
        on_cluster.configure(size="9")
        proposed = first.preview(on_cluster)
        assert {step["op"] for urn, step in proposed.items() if "kubernetes:" in urn} == {"update", "replace"}
        assert second.preview(on_cluster) == proposed
        second.up(on_cluster)
        assert first.preview(on_cluster) == {}
    finally:
        _clean(on_cluster)


def _same_from_nothing(for_real: Program, for_embedded: Program) -> None:
    REAL.up(for_real)
    EMBEDDED.up(for_embedded)
    real, embedded = for_real.state(), for_embedded.state()
    assert sorted(embedded) == sorted(real)
    assert differences(shape(embedded, real), shape(real, embedded)) == []


def _takes_over(program: Program, first: Engine, second: Engine) -> None:
    first.up(program)
    before = program.state()
    assert second.preview(program) == {}
    second.up(program)
    assert differences(program.state(), before) == []
    assert first.preview(program) == {}


def _clean(program: Program) -> None:
    """Take the namespace away even where the test failed half-way."""
    program.run("pulumi", "state", "unprotect", "--all", "--yes", "--stack", "dev")
    program.run("pulumi", "destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev")
