"""Encryption is the Pulumi CLI's, and a wrong or missing passphrase is said to be that."""

import pytest

from tenantmesh.engine.backend import Passphrase
from tenantmesh.engine.backend.crypter import unlock
from tenantmesh.errors import PassphraseError, StateError

# Written by the Pulumi CLI with the passphrase "test".
CLI_SALT = "v1:PXvjVsenMqQ=:v1:eXXXqJa+wjzvjy7G:pwX+VctcLxLpddqpT4mcP3M9LGF59w=="
CLI_VALUE = "v1:chDGpelbH+hBPGUO:CvjtQZGJaZfNqFWXnT6V4pu9Ey38SINRM1tHTv9y"


def test_what_the_pulumi_cli_encrypted_can_be_read():
    assert unlock("test", CLI_SALT).decrypt(CLI_VALUE) == "hunter2-marker"


def test_a_wrong_passphrase_is_said_to_be_wrong():
    with pytest.raises(PassphraseError, match="incorrect passphrase") as caught:
        Passphrase({"PULUMI_CONFIG_PASSPHRASE": "marker-guess"}).unlock(CLI_SALT)
    assert "marker-guess" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "v1:a", "v2:bm9uY2U=:Ym9keQ==", "v1:%%:%%", "v1:YQ==:YQ=="])
def test_what_was_not_encrypted_is_refused(text):
    with pytest.raises(StateError, match="encrypted value"):
        unlock("test", CLI_SALT).decrypt(text)


@pytest.mark.parametrize("salt", ["", "v1:x", "v2:YQ==:v1:YQ==:YQ==", "v1:%%:v1:YQ==:YQ=="])
def test_a_malformed_salt_is_refused(salt):
    with pytest.raises(StateError, match="salt does not have the form"):
        unlock("test", salt)


def test_an_empty_passphrase_is_a_passphrase():
    crypter = Passphrase({"PULUMI_CONFIG_PASSPHRASE": ""}).create()
    assert unlock("", crypter.salt).decrypt(crypter.encrypt("x")) == "x"


def test_a_file_may_hold_the_passphrase(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("test\n")
    environment = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}
    assert Passphrase(environment).unlock(CLI_SALT).decrypt(CLI_VALUE) == "hunter2-marker"


def test_a_missing_passphrase_says_what_to_set():
    with pytest.raises(PassphraseError, match="set PULUMI_CONFIG_PASSPHRASE"):
        Passphrase({}).unlock(CLI_SALT)


def test_an_unreadable_passphrase_file_is_named(tmp_path):
    with pytest.raises(PassphraseError, match="absent can't be read"):
        Passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "absent")}).unlock(CLI_SALT)


def test_a_person_is_asked_again_after_a_typing_error_and_once_a_salt():
    answers = iter(["tset", "test"])
    passphrase = Passphrase({}, lambda _question: next(answers))
    assert passphrase.unlock(CLI_SALT) is passphrase.unlock(CLI_SALT)


def test_a_new_passphrase_has_to_be_typed_twice():
    answers = iter(["one", "other"])
    with pytest.raises(PassphraseError, match="differ"):
        Passphrase({}, lambda _question: next(answers)).create()
