"""No secret is in the clear in the folder of a stack, and a wrong passphrase or another salt is seen at once."""

import json

import pytest
from msgspec import structs

from tenantmesh.engine.backend import Access, Passphrase
from tenantmesh.engine.resource import Change
from tenantmesh.engine.values import Secret
from tenantmesh.errors import PassphraseError, StateError
from tests.engine.backend.steps import CHECKPOINT, create, creating


def test_no_secret_is_in_the_clear_anywhere_in_the_folder(crashed, root, opened, resource):
    """Journals, checkpoints, backups, history and locks of a crash and of a recovery."""
    marker = b"marker-secret"
    with opened() as store:
        hidden = resource(
            store.next_key(),
            "h",
            outputs={"a": {"b": [Secret("marker-secret")]}},
            unread={"x": Secret("marker-secret")},
        )
        create(store, hidden)
        with pytest.raises(StateError) as caught:
            store.record(Change(put=structs.replace(hidden, inputs={"p": Secret({"marker-secret": 1j})})))
        assert "marker-secret" not in str(caught.value)
        assert all(marker not in path.read_bytes() for path in root.rglob("*") if path.is_file())
        store.finish()
    files = [path for folder in (root, crashed) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if marker in path.read_bytes()] == []


def test_a_wrong_passphrase_is_found_before_anything_is_done(opened, backend, resource, root):
    with opened() as store:
        create(store, resource(store.next_key(), "a"))
        store.finish()
    with pytest.raises(PassphraseError, match="incorrect passphrase"):
        backend.open_stack("shop", "dev", Passphrase({"PULUMI_CONFIG_PASSPHRASE": "wrong"})).__enter__()
    assert list((root / ".pulumi/locks").rglob("*.json")) == []


def test_another_salt_encrypts_everything_anew(opened, backend, resource, root):
    with opened() as store:
        create(store, resource(store.next_key(), "a", inputs={"p": Secret("x")}))
        store.begin(creating(resource(store.next_key(), "b", inputs={"p": Secret("y")})))
        store.finish()
    before = (root / CHECKPOINT).read_text()
    both = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}
    other = Passphrase(both).create().salt
    with backend.open_stack("shop", "dev", Passphrase(both), salt=other) as store:
        store.finish()
    stored = json.loads((root / CHECKPOINT).read_text())["checkpoint"]["latest"]
    assert stored["secrets_providers"]["state"]["salt"] == other
    ciphertexts = [stored["resources"][0], stored["pending_operations"][0]["resource"]]
    assert all(item["inputs"]["p"]["ciphertext"] not in before for item in ciphertexts)
    with backend.open_stack("shop", "dev", Passphrase(both), access=Access.READ) as store:
        assert store.snapshot.resources[0].inputs == {"p": Secret("x")}


def test_a_secret_that_was_stored_in_the_clear_is_encrypted_on_opening(opened, root, resource):
    with opened() as store:
        create(store, resource(store.next_key(), "a", inputs={"p": Secret("x")}))
        store.finish()
    content = json.loads((root / CHECKPOINT).read_text())
    secret = content["checkpoint"]["latest"]["resources"][0]["inputs"]["p"]
    del secret["ciphertext"]
    secret["plaintext"] = '"marker-plain"'
    (root / CHECKPOINT).write_text(json.dumps(content))
    with opened() as store:
        assert store.snapshot.resources[0].inputs == {"p": Secret("marker-plain")}
        assert "marker-plain" not in (root / CHECKPOINT).read_text()
        store.finish()
