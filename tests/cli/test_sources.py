"""Where objects come from: programs, files and git revisions, and how each of them fails."""

import subprocess
from textwrap import dedent

import pytest

from tenantmesh.cli.sources import Source, side
from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.errors import PassphraseError, ProgramError, ProjectError
from tenantmesh.graph.reading import files
from tests.cli.checked import folder, run

SETTINGS = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "protocol.file.allow=always")
# Written by the Pulumi CLI with the passphrase "test".
SALT = "v1:PXvjVsenMqQ=:v1:eXXXqJa+wjzvjy7G:pwX+VctcLxLpddqpT4mcP3M9LGF59w=="
CIPHERTEXT = "v1:chDGpelbH+hBPGUO:CvjtQZGJaZfNqFWXnT6V4pu9Ey38SINRM1tHTv9y"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n"
PROGRAM = """\
import pulumi
import pulumi_kubernetes as kubernetes

token = pulumi.Config().get_secret("token") or "none"
kubernetes.core.v1.ConfigMap("one", metadata={"name": "one", "namespace": "acme"}, data={"token": token})
"""


def git(place, *arguments):
    subprocess.run(["git", "-C", place, *SETTINGS, *arguments], check=True, capture_output=True)  # noqa: S607  git is on PATH


def commit(place, message="one"):
    git(place, "add", "-A")
    git(place, "commit", "-qm", message)


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No passphrase, stack or state of whoever runs the tests counts."""
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "state").as_uri())


@pytest.fixture
def place(tmp_path):
    """A repository with one commit of one namespace."""
    made = tmp_path / "place"
    made.mkdir()
    git(made, "init", "-q")
    (made / "one.yaml").write_text(NAMESPACE % "one")
    commit(made)
    return made


@pytest.fixture
def project(tmp_path):
    """Writes a project with a program and the configuration of its stack dev, and gives its folder."""

    def write(program=PROGRAM, config="", declared=""):
        made = tmp_path / "project"
        made.mkdir()
        (made / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{declared}")
        (made / "Pulumi.dev.yaml").write_text(config)
        (made / "__main__.py").write_text(dedent(program))
        return made

    return write


def names(source):
    return [one.key.name for one in source.read().manifest]


def refused(name, program):
    with pytest.raises(ProjectError) as caught, side(name, program, None):
        pass
    return str(caught.value)


def test_a_revision_is_what_was_committed_then(place):
    (place / "one.yaml").write_text(NAMESPACE % "two")
    commit(place, "two")
    (place / "one.yaml").write_text(NAMESPACE % "uncommitted")
    for name, wanted in (("HEAD~1", ["one"]), ("HEAD", ["two"])):
        with side(name, place, None) as source:
            assert names(source) == wanted


def test_only_the_programs_folder_of_a_revision_is_read(place):
    inner = place / "inner"
    inner.mkdir()
    (inner / "two.yaml").write_text(NAMESPACE % "two")
    commit(place, "two")
    with side("HEAD", inner, None) as source:
        assert names(source) == ["two"]


def test_the_program_of_a_revision_gives_lines_relative_to_its_project(project):
    made = project()
    git(made, "init", "-q")
    commit(made)
    (made / "__main__.py").write_text("raise SystemExit(1)\n")
    with side("HEAD", made, "dev") as source:
        assert [one.source for one in source.read().manifest] == ["__main__.py:5"]


def test_lines_of_a_revision_are_relative_to_the_repository(place, project):
    """So that a scanner's viewer finds them, wherever in the repository the project or folder lies."""
    inner = place / "deploy" / "yaml"
    inner.mkdir(parents=True)
    (inner / "two.yaml").write_text(NAMESPACE % "two")
    project().rename(place / "deploy" / "shop")
    commit(place, "two")
    for folder_, line in ((inner, "deploy/yaml/two.yaml:1"), (place / "deploy" / "shop", "deploy/shop/__main__.py:5")):
        with side("HEAD", folder_, "dev") as source:
            assert [one.source for one in source.read().manifest] == [line]


@pytest.mark.parametrize("name", ["nowhere", "HEAD~1", "--output=one.tar", "0" * 40])
def test_a_revision_that_is_not_there_is_named(place, name):
    assert refused(name, place).startswith(f"{name}: there is no such folder, nor such a git revision")
    assert not (place / "one.tar").exists()


def test_a_shallow_clone_says_to_fetch_more(place, tmp_path):
    (place / "one.yaml").write_text(NAMESPACE % "two")
    commit(place, "two")
    git(tmp_path, "clone", "-q", "--depth", "1", place.as_uri(), "shallow")
    shallow = tmp_path / "shallow"
    assert "git fetch --unshallow" in refused("HEAD~1", shallow)
    with side("HEAD", shallow, None) as source:
        assert names(source) == ["two"]


def test_a_revision_without_a_repository_is_refused(tmp_path):
    assert "not a git repository" in refused("HEAD", tmp_path)


def test_a_revision_with_links_to_places_outside_is_refused(place):
    (place / "link.yaml").symlink_to("/etc/hosts")
    commit(place, "a link")
    assert "check the revision out" in refused("HEAD", place)


def test_without_git_the_error_says_so(place, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git can't be started" in refused("HEAD", place)


def test_a_program_that_fails_is_told_with_its_own_words(project):
    made = project("raise ValueError('as it is')\n")
    with pytest.raises(ProgramError, match="ValueError: as it is"):
        Source(program=made, stack="dev").read()
    assert "ValueError: as it is" in run("verify", "-s", "dev", code=2, folder=made)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_encrypted_stays_unknown_without_the_passphrase(project, known):
    made = project(config=f"encryptionsalt: {SALT}\nconfig:\n  shop:token: {{secure: '{CIPHERTEXT}'}}\n")
    (one,) = Source(program=made, stack="dev", known=known).read().manifest
    assert one.body["data"]["token"] == Secret(UNKNOWN)


def test_what_is_encrypted_in_an_object_is_unknown_where_it_stands(project):
    program = """\
        import pulumi
        import pulumi_kubernetes as kubernetes

        data = pulumi.Config().require_object("data")
        kubernetes.core.v1.ConfigMap("one", metadata={"name": "one", "namespace": "acme"}, data=data)
        """
    config = f"encryptionsalt: {SALT}\nconfig:\n  shop:data: {{a: plain, b: {{secure: '{CIPHERTEXT}'}}}}\n"
    (one,) = Source(program=project(program, config), stack="dev").read().manifest
    assert one.body["data"] == {"a": "plain", "b": UNKNOWN}


def test_a_given_passphrase_is_used_and_a_wrong_one_told(project, monkeypatch):
    made = project(config=f"encryptionsalt: {SALT}\nconfig:\n  shop:token: {{secure: '{CIPHERTEXT}'}}\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")
    (one,) = Source(program=made, stack="dev").read().manifest
    found = one.body["data"]["token"]
    assert isinstance(found, Secret)
    assert isinstance(found.value, str)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    with pytest.raises(PassphraseError, match="incorrect passphrase"):
        Source(program=made, stack="dev").read()


def test_a_secret_of_which_the_program_needs_a_number_asks_for_the_passphrase(project):
    declared = "config: {count: {type: integer, secret: true}}\n"
    config = f"encryptionsalt: {SALT}\nconfig:\n  shop:count: {{secure: '{CIPHERTEXT}'}}\n"
    with pytest.raises(ProjectError, match=r"config\.shop:count: is a secret integer, .* PULUMI_CONFIG_PASSPHRASE"):
        Source(program=project(declared=declared, config=config), stack="dev").read()


@pytest.mark.parametrize(
    ("text", "told"),
    [("kind: [\n", "bad.yaml:"), ("just text\n", "bad.yaml:1: a str is no object"), ("a: &a [*a]\n", "alias")],
)
def test_yaml_that_is_none_ends_with_2_and_its_line(tmp_path, text, told):
    place = folder(tmp_path / "a")
    (place / "bad.yaml").write_text(text)
    assert told in run("verify", "--manifests", place, code=2)


def test_a_file_of_a_hundred_megabytes_ends_with_2(tmp_path):
    place = folder(tmp_path / "a")
    with (place / "large.yaml").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    told = run("verify", "--manifests", place, code=2)
    assert "104,857,600 bytes" in told
    assert f"{files.LARGEST:,}" in told


def test_a_path_that_is_not_there_ends_with_2(tmp_path):
    assert "there is no such file or folder" in run("verify", "--manifests", tmp_path / "nowhere", code=2)


def test_a_stack_that_is_not_chosen_ends_with_2(project):
    made = project()
    (made / "Pulumi.prod.yaml").write_text("")
    assert "choose one of dev, prod" in run("verify", code=2, folder=made)
