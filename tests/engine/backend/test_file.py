"""A backend is found where the Pulumi CLI would look, and holds stacks that can be made, listed, read and removed."""

import json

import pytest

from tenantmesh.engine.backend import FileBackend, Passphrase
from tenantmesh.engine.resource import Change
from tenantmesh.engine.values import Secret
from tenantmesh.errors import LockError, StateError


@pytest.mark.parametrize(
    ("url", "environment", "project_url", "folder"),
    [
        ("file:///a", {"PULUMI_BACKEND_URL": "file:///b"}, "file:///c", "/a"),
        (None, {"PULUMI_BACKEND_URL": "file:///b?no_tmp_dir=true"}, "file:///c", "/b"),
        (None, {"HOME": "/h"}, "file:///c/../d", "/d"),
        (None, {"HOME": "/h"}, None, "/h"),
        ("file://~", {"HOME": "/h"}, None, "/h"),
        ("file://~/x", {"HOME": "/h"}, None, "/h/x"),
    ],
)
def test_the_first_place_that_is_named_is_taken(url, environment, project_url, folder):
    backend = FileBackend.open(url, environment=environment, project_url=project_url)
    assert backend.url == f"file://{folder}"


def test_a_relative_folder_is_below_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert FileBackend.open("file://./x", environment={}).url == f"file://{tmp_path}/x"


def test_a_login_of_the_cli_is_followed(tmp_path):
    (tmp_path / "credentials.json").write_text(json.dumps({"current": "file:///elsewhere"}))
    assert FileBackend.open(environment={"PULUMI_HOME": str(tmp_path)}).url == "file:///elsewhere"


def test_a_backend_that_is_no_folder_is_refused_without_its_password():
    with pytest.raises(StateError, match="only file://<folder>") as caught:
        FileBackend.open("postgres://ann:marker@host/db", environment={})
    assert "marker" not in str(caught.value)


def test_a_malformed_login_is_refused(tmp_path):
    (tmp_path / "credentials.json").write_text("{")
    with pytest.raises(StateError, match=r"credentials\.json: not JSON"):
        FileBackend.open(environment={"PULUMI_HOME": str(tmp_path)})


@pytest.mark.usefixtures("backend")
def test_a_folder_becomes_a_backend_of_projects(root):
    assert (root / ".pulumi/meta.yaml").read_text() == "version: 1\n"
    stored = json.loads((root / ".pulumi/stacks/shop/dev.json").read_text())
    assert stored == {"version": 3, "checkpoint": {"stack": "organization/shop/dev"}}


def test_a_folder_of_another_layout_is_refused(tmp_path):
    stacks = tmp_path / ".pulumi/stacks"
    stacks.mkdir(parents=True)
    (stacks / "dev.json").write_text("{}")
    backend = FileBackend.open(f"file://{tmp_path}", environment={})
    with pytest.raises(StateError, match="run `pulumi state upgrade`"):
        backend.create("shop", "dev")
    (tmp_path / ".pulumi/meta.yaml").write_text("version: 2\n")
    with pytest.raises(StateError, match="only version 1 can be used"):
        backend.create("shop", "dev")


def test_stacks_are_listed_by_project(backend, root):
    backend.create("shop", "prod")
    backend.create("other", "dev")
    (root / ".pulumi/stacks/shop/dev.json.bak").write_text("")
    assert backend.stacks("shop") == ("dev", "prod")
    assert backend.stacks("nobody") == ()


def test_a_stack_is_made_once(backend):
    with pytest.raises(StateError, match="exists already"):
        backend.create("shop", "dev")


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "a b", "a" * 101, "é"])
def test_a_name_that_could_leave_the_folder_is_refused(backend, passphrase, name):
    for refused in (lambda: backend.create("shop", name), lambda: backend.create(name, "dev")):
        with pytest.raises(StateError, match="is not a"):
            refused()
    with pytest.raises(StateError, match="is not a"):
        backend.open_stack("shop", name, passphrase).__enter__()


def test_a_missing_stack_is_said_to_be_missing(backend, passphrase):
    for refused in (
        lambda: backend.open_stack("shop", "none", passphrase).__enter__(),
        lambda: backend.remove("shop", "none"),
        lambda: backend.outputs("none", project="shop"),
    ):
        with pytest.raises(StateError, match="organization/shop/none does not exist"):
            refused()


def test_a_stack_with_resources_is_not_removed(backend, opened, resource, root):
    with opened() as store:
        store.record(Change(put=resource(store.next_key(), "a")))
        store.finish()
    with pytest.raises(StateError, match="still has 1 resources"):
        backend.remove("shop", "dev")
    with opened() as store:
        store.record(Change(drop=(store.snapshot.resources[0].key,)))
        store.finish()
    backend.remove("shop", "dev")
    assert backend.stacks("shop") == ()
    assert list((root / ".pulumi/history/shop/dev").iterdir()) == []
    backend.create("shop", "dev")


def test_a_removed_stack_whose_run_crashed_is_not_made_anew(backend, opened, root):
    with opened() as store:
        store.finish()
    journal = root / ".pulumi/tenantmesh/journal/shop/dev.jsonl"
    with opened() as store:
        store._journal.sync(0)
        kept = journal.read_bytes()
        store.finish()
    journal.write_bytes(kept)
    (root / ".pulumi/stacks/shop/dev.json").unlink()
    with pytest.raises(StateError, match="crashed, and the stack was removed since"):
        backend.create("shop", "dev")


def exported(opened, resource):
    with opened() as store:
        root = {"type": "pulumi:pulumi:Stack", "custom": False, "id": "", "outputs": {"a": 1, "b": Secret("x")}}
        store.record(Change(put=resource(store.next_key(), "shop-dev", **root)))
        store.finish()


@pytest.mark.parametrize("reference", ["dev", "organization/dev", "organization/shop/dev"])
def test_another_stacks_outputs_are_read_by_every_form_of_its_name(backend, opened, resource, reference):
    exported(opened, resource)
    assert backend.outputs(reference, project="shop") == {"a": 1, "b": Secret("x")}


@pytest.mark.parametrize("reference", ["shop/dev", "acme/shop/dev", "a/b/c/d", "organization//dev", ""])
def test_other_forms_are_refused(backend, reference):
    with pytest.raises(StateError, match="is not a stack"):
        backend.outputs(reference, project="shop")


def test_a_bare_name_needs_a_project(backend):
    with pytest.raises(StateError, match="does not say which project"):
        backend.outputs("dev")


def test_outputs_are_read_while_a_run_goes_on_and_a_stack_never_deployed_has_none(backend, opened, passphrase):
    with opened() as store:
        assert backend.outputs("organization/shop/dev", passphrase=passphrase) == {}
        with pytest.raises(LockError):
            backend.remove("shop", "dev")
        store.finish()


def test_outputs_without_secrets_need_no_passphrase(backend, opened, resource):
    with opened() as store:
        root = {"type": "pulumi:pulumi:Stack", "custom": False, "id": "", "outputs": {"a": 1}}
        store.record(Change(put=resource(store.next_key(), "shop-dev", **root)))
        store.finish()
    assert backend.outputs("dev", project="shop", passphrase=Passphrase({})) == {"a": 1}
