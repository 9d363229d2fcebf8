"""A project and its stacks' configuration mean to the engine what they mean to the Pulumi CLI."""

import json

import pytest

from tenantmesh.engine.backend import Passphrase
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.errors import PassphraseError, ProjectError, UnsupportedError

PASSPHRASE = Passphrase({"PULUMI_CONFIG_PASSPHRASE": "test"})
# Written by the Pulumi CLI with the passphrase "test".
SALT = "v1:PXvjVsenMqQ=:v1:eXXXqJa+wjzvjy7G:pwX+VctcLxLpddqpT4mcP3M9LGF59w=="
SECRET = "v1:chDGpelbH+hBPGUO:CvjtQZGJaZfNqFWXnT6V4pu9Ey38SINRM1tHTv9y"


@pytest.fixture
def project(tmp_path):
    """Loads a project from the text of its file."""

    def load(text="name: shop\nruntime: python\n"):
        (tmp_path / "Pulumi.yaml").write_text(text)
        return Project.load(tmp_path)

    return load


@pytest.fixture
def config(project, tmp_path):
    """Loads the configuration of the stack dev from its text, with declarations in the project if any are given."""

    def load(text, declared="", passphrase=PASSPHRASE):
        (tmp_path / "Pulumi.dev.yaml").write_text(text)
        return StackConfig.load(project(f"name: shop\nruntime: python\n{declared}"), "dev", passphrase)

    return load


def test_a_project_is_read_with_its_runtimes_options(project, tmp_path):
    loaded = project(
        "name: shop\nruntime: {name: python, options: {toolchain: uv, virtualenv: .venv}}\n"
        "main: stacks\ndescription: a shop\nstackConfigDir: environments\nbackend: {url: 'file://~'}\nunknown: 1\n"
    )
    assert (loaded.name, loaded.runtime, loaded.description) == ("shop", "python", "a shop")
    assert loaded.runtime_options == {"toolchain": "uv", "virtualenv": ".venv"}
    assert (loaded.folder, loaded.program, loaded.backend_url) == (tmp_path, tmp_path / "stacks", "file://~")
    assert loaded.stack_file("dev") == tmp_path / "environments/Pulumi.dev.yaml"


def test_a_project_is_found_from_a_folder_in_it(project, tmp_path):
    expected = project()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert Project.load(inner) == expected
    assert expected.program == tmp_path


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(ProjectError, match=r"no Pulumi\.yaml in"):
        Project.load(tmp_path)


def test_every_wrong_field_is_named_at_once_by_its_path(project):
    with pytest.raises(ProjectError) as caught:
        project(
            "name: a b\nmain: [1]\nruntime: {name: 1, option: 2, options: 3}\nbackend: {url: 1}\nconfig:\n"
            "  a: {type: text}\n  b: {type: array}\n  c: {type: integer, default: many}\n"
            "  d: {default: 1, value: 2, sort: 3}\n  e: {secret: 'yes'}\n"
        )
    paths = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    top = ["name", "main", "runtime.name", "runtime.option", "runtime.options", "backend.url"]
    declared = ["a.type", "b.items", "c.default", "d", "d.sort", "e.secret"]
    assert sorted(paths) == sorted([*top, *(f"config.{path}" for path in declared)])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: [", "at line 1 column 8"),
        ("- a", "has to be a mapping"),
        ("1: a", "has to be a mapping with text keys"),
        ("name: !!int x\n", "a tagged value is malformed"),
        ("a: " + "[" * 20_000, "nested too deeply"),
        ("a: !!python/object:os.system {}", "could not determine a constructor"),
    ],
)
def test_what_is_no_yaml_mapping_is_refused_with_the_place(project, text, reason):
    with pytest.raises(ProjectError, match=reason):
        project(text)


def test_values_reach_the_program_as_the_cli_hands_them_over(config):
    """The right-hand sides were taken from PULUMI_CONFIG of a run of the real CLI."""
    table = {
        "text: 'a: b'": "a: b",
        "quoted: '42'": "42",
        "number: 42": "42",
        "flag: true": "true",
        "octal: 010": "8",
        "hexadecimal: 0x10": "16",
        "fraction: 1.5": "1.5",
        "power: 1e3": "1000",
        "big: 12345678901234567890": "12345678901234567890",
        "word: yes": "yes",
        "empty:": "",
        "list: [1, 2.0, a, true, null]": '[1,2,"a",true,null]',
        "object: {b: [1], a: '<x>'}": '{"a":"\\u003cx\\u003e","b":[1]}',
    }
    loaded = config("config:\n" + "".join(f"  {line}\n" for line in table))
    assert loaded.values == {f"shop:{line.split(':')[0]}": value for line, value in table.items()}
    assert loaded.secret_keys == frozenset()


def test_keys_have_their_namespace(config):
    loaded = config("config: {a: 1, 'shop:b': 2, 'aws:region': here, 'aws:config:zone': z}")
    assert set(loaded.values) == {"shop:a", "shop:b", "aws:region", "aws:zone"}


def test_secrets_are_decrypted_wherever_they_are_and_shown_nowhere(config):
    loaded = config(
        f"encryptionsalt: {SALT}\nconfig:\n  plain: 1\n  secret: {{secure: '{SECRET}'}}\n"
        f"  nested: {{a: [{{secure: '{SECRET}'}}], secure: x}}\n"
    )
    assert loaded.secret_keys == {"shop:secret", "shop:nested"}
    assert loaded.values["shop:secret"] == "hunter2-marker"
    assert json.loads(loaded.values["shop:nested"]) == {"a": ["hunter2-marker"], "secure": "x"}
    assert loaded.stored["shop:secret"] == {"secure": SECRET}
    assert "hunter2-marker" not in repr(loaded)


def test_a_passphrase_is_needed_only_for_secrets(config):
    nobody = Passphrase({})
    assert config(f"encryptionsalt: {SALT}\nconfig: {{a: 1}}\n", passphrase=nobody).values == {"shop:a": "1"}
    with pytest.raises(PassphraseError, match="no passphrase"):
        config(f"encryptionsalt: {SALT}\nconfig: {{a: {{secure: '{SECRET}'}}}}\n", passphrase=nobody)


def test_a_secret_that_can_not_be_decrypted_is_named(config):
    with pytest.raises(ProjectError, match=r"config.shop:a\.b\[0\]: an encrypted value is damaged"):
        config(f"encryptionsalt: {SALT}\nconfig: {{a: {{b: [{{secure: 'v1:AAAAAAAAAAAAAAAA:AAAA'}}]}}}}\n")
    with pytest.raises(ProjectError, match="encryptionsalt is missing"):
        config(f"config: {{a: {{secure: '{SECRET}'}}}}\n")


DECLARED = """config:
  size: {type: integer, default: 3}
  tags: {type: array, items: {type: string}, default: [x]}
  short: hello
  needed: {type: boolean}
  password: {type: string, secret: true, default: ''}
  other:thing: {value: 7}
"""


def test_the_projects_defaults_fill_what_a_stack_leaves_out(config):
    loaded = config("config: {needed: true, size: '5'}", DECLARED)
    assert loaded.values == {
        "shop:size": "5",
        "shop:tags": '["x"]',
        "shop:short": "hello",
        "shop:needed": "true",
        "shop:password": "",
        "other:thing": "7",
    }
    assert loaded.stored == {"shop:needed": True, "shop:size": "5"}


def test_every_value_that_does_not_fit_its_declaration_is_named(config):
    with pytest.raises(ProjectError) as caught:
        config("config: {password: open, 'a:b:c': 1}", DECLARED)
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == [
        "config.a:b:c",
        "config.shop:needed",
        "config.shop:password",
    ]
    with pytest.raises(ProjectError) as caught:
        config("config: {needed: 2, size: many, tags: [1]}", DECLARED)
    assert "config.shop:tags: has to be of type array<string>" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("environment: [a]", "environment"),
        ("secretsprovider: awskms://alias", "secretsprovider"),
        ("encryptedkey: x", "secretsprovider"),
    ],
)
def test_what_the_engine_lacks_is_refused_by_name(config, text, feature):
    with pytest.raises(UnsupportedError, match=feature):
        config(text)


def test_a_missing_or_empty_file_is_an_empty_configuration(project, config):
    assert StackConfig.load(project(), "prod", PASSPHRASE).values == {}
    assert config("").values == {}
