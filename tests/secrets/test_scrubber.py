"""What the engine strikes out of messages, and what it leaves."""

import base64
import json

import pytest

from tenantmesh.engine.backend import Passphrase
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.secrets import Scrubber
from tenantmesh.engine.values import Secret

ODD = """it's "odd"-Öß\\ü\ttab"""
KEY = "-----BEGIN KEY-----\nQmFzZTY0IG9mIGEga2V5\nYW5kIG1vcmUgb2YgaXQh\n-----END KEY-----\n"


def scrubbed(secret, message):
    scrubber = Scrubber()
    scrubber.learn({"open": "spoken", "hidden": Secret(secret)})
    return scrubber.scrub(message)


@pytest.mark.parametrize(
    "written",
    [str, repr, json.dumps, lambda text: json.dumps(text, ensure_ascii=False)],
    ids=["plain", "repr", "json", "json with Unicode"],
)
@pytest.mark.parametrize("secret", ["opensesame", ODD, KEY], ids=["word", "odd", "key"])
def test_a_secret_is_struck_out_in_every_spelling(secret, written):
    assert scrubbed(secret, f"spoken: {written(secret)}.").replace("[secret]", "").strip("'\"") in {
        "spoken: .",
        "spoken: ''.",
        'spoken: "".',
    }


def test_a_secret_is_struck_out_in_base64():
    assert scrubbed(KEY, base64.b64encode(KEY.encode()).decode()) == "[secret]"


def test_each_line_of_a_longer_secret_is_struck_out_but_not_its_frame():
    """A program's output comes line by line."""
    assert scrubbed(KEY, "> QmFzZTY0IG9mIGEga2V5") == "> [secret]"
    assert scrubbed(KEY, "-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_secret_numbers_are_struck_out_and_truths_are_not():
    assert scrubbed({"pin": 867530, "on": True}, "867530 is True") == "[secret] is True"


def test_texts_that_are_too_short_stay():
    """They occur everywhere, and striking them out would hide the message."""
    assert scrubbed("yes", "yes, all is well") == "yes, all is well"


def test_only_the_encrypted_parts_of_an_object_in_the_configuration_are_secret_texts(tmp_path):
    """The others may be said."""
    passphrase = Passphrase({"PULUMI_CONFIG_PASSPHRASE": "correct horse"})
    crypter = passphrase.create()
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(
        f"encryptionsalt: {crypter.salt}\nconfig:\n  shop:login:\n    user: ann\n"
        f"    secret:\n      - plain\n      - {{secure: '{crypter.encrypt('opensesame')}'}}\n"
    )
    config = StackConfig.load(Project.load(tmp_path), "dev", passphrase)
    assert config.secret_texts == {"opensesame"}
    assert "opensesame" not in repr(config)


def test_a_secret_that_begins_like_another_one_does_not_save_its_rest():
    """The longest one that fits is struck out as a whole, in whatever order they were learned."""
    assert scrubbed(["open", "opensesame"], "opensesame, open it") == "[secret], [secret] it"
    assert scrubbed(["opensesame", "open"], "openses, opensesame") == "[secret]ses, [secret]"
