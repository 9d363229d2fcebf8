"""A Pulumi project and the configuration of one of its stacks: Pulumi.yaml and Pulumi.<stack>.yaml."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct

from tenantmesh.engine.project import declarations, settings
from tenantmesh.engine.project.declarations import Declaration
from tenantmesh.engine.wire import UNKNOWN_TEXT
from tenantmesh.errors import PassphraseError, ProjectError, StateError, UnsupportedError

_FILES: Final = ("Pulumi.yaml", "Pulumi.yml")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_RUNTIME_FIELDS: Final = frozenset({"name", "options"})
_TEXT_FIELDS: Final = ("main", "description", "stackConfigDir")


class Decrypts(Protocol):
    """Gives the text of an encrypted value."""

    def decrypt(self, ciphertext: str, /) -> str:
        """The text; raises StateError when it can't be decrypted."""
        ...


class Unlocks(Protocol):
    """Gives what decrypts a stack's secrets: its Passphrase, or Placeholders where nobody has it."""

    def unlock(self, salt: str, /) -> Decrypts:
        """What decrypts the values of a salt; raises PassphraseError."""
        ...


class Project(Struct, frozen=True, kw_only=True):
    """What Pulumi.yaml says; `file` is that file.

    `runtime` is the language, `runtime_options` its options such as `virtualenv`. `main` is the program's folder or
    file relative to the project's folder; empty means that folder itself. `declared` has full keys, `project:key`.
    """

    file: Path
    name: str
    runtime: str
    runtime_options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    main: str = ""
    description: str = ""
    declared: Mapping[str, Declaration] = field(default_factory=dict[str, Declaration])
    stack_config_dir: str = ""
    backend_url: str = ""

    @classmethod
    def load(cls, folder: Path) -> "Project":
        """The project of `folder` or of the nearest folder above it that has one.

        Raises ProjectError, which names every wrong field by its path.
        """
        start = folder.absolute()
        candidates = (place / name for place in (start, *start.parents) for name in _FILES)
        file = next((path for path in candidates if path.is_file()), None)
        if file is None:
            raise ProjectError(f"no Pulumi.yaml in {start} or above it; run the command in a project's folder")
        problems: list[str] = []
        project = _parse(file, settings.read(file) or {}, problems)
        _raise(file, problems)
        return project

    @property
    def folder(self) -> Path:
        """The folder that Pulumi.yaml is in."""
        return self.file.parent

    @property
    def program(self) -> Path:
        """The program's folder or file."""
        return self.folder / self.main if self.main else self.folder

    @property
    def program_folder(self) -> Path:
        """The folder that the program is in."""
        return self.program.parent if self.program.is_file() else self.program

    def stack_file(self, stack: str) -> Path:
        """Where the configuration of `stack` is, whether it exists or not."""
        return self.folder / self.stack_config_dir / f"Pulumi.{stack}{self.file.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """What Pulumi.<stack>.yaml says, with the project's defaults and secrets decrypted.

    `values` is what a program gets: full keys, objects as JSON text. `secret_keys` are those of which any part is
    secret. `stored` is as in the file, secrets encrypted; it may be shown and kept. `salt` is empty when there is none.
    """

    file: Path
    salt: str
    stored: Mapping[str, Any]
    values: Mapping[str, str] = field(repr=False)
    secret_keys: frozenset[str]
    secret_texts: frozenset[str] = field(default=frozenset(), repr=False)
    """The parts that were encrypted: of an object that is only partly secret, the whole text is never printed."""

    @classmethod
    def load(cls, project: Project, stack: str, passphrase: Unlocks) -> "StackConfig":
        """The configuration of `stack`; a missing file is an empty one.

        The passphrase is needed only if there is a secret. Raises ProjectError, which names every wrong key at once,
        PassphraseError, and UnsupportedError for what the embedded engine lacks.
        """
        file = project.stack_file(stack)
        content = settings.read(file) or {}
        _refuse_unsupported(file, content)
        problems: list[str] = []
        salt: str = declarations.text(content.get("encryptionsalt") or "")
        stored = _stored(project, content.get("config"), problems)
        problems.extend(_missing(project, stored))
        _raise(file, problems)
        defaults = {key: item.default for key, item in project.declared.items() if item.default is not None}
        plain = {key: _reveal(file, key, value, salt, passphrase) for key, value in (defaults | stored).items()}
        _raise(file, _misfits(project, plain))
        values = {key: declarations.text(plain[key]) for key in sorted(plain)}
        secret_keys = frozenset(key for key, value in stored.items() if _is_secret(value))
        texts = frozenset(text for key, value in stored.items() for text in _encrypted(value, plain[key]))
        return cls(file=file, salt=salt, stored=stored, values=values, secret_keys=secret_keys, secret_texts=texts)


def _parse(file: Path, content: Mapping[str, Any], problems: list[str]) -> Project:
    name = _text(content, "name", problems) or ""
    if not _NAME.fullmatch(name):
        problems.append("name: has to be 1 to 100 letters, digits, hyphens, underscores and periods")
    runtime, options = _runtime(content.get("runtime"), problems)
    config: Any = content.get("config") or {}
    texts = {key: _text(content, key, problems) or "" for key in _TEXT_FIELDS}
    if isinstance(config, str):
        # The folder of the stacks' files was once called `config`.
        config, texts["stackConfigDir"] = {}, texts["stackConfigDir"] or config
    if not isinstance(config, dict):
        problems.append("config: has to be a mapping")
        config = {}
    backend: Any = content.get("backend") or {}
    if not isinstance(backend, dict):
        problems.append("backend: has to be a mapping with a url")
        backend = {}
    return Project(
        file=file,
        name=name,
        runtime=runtime,
        runtime_options=options,
        main=texts["main"],
        description=texts["description"],
        declared={_full(name, key): declarations.parse(key, entry, problems) for key, entry in config.items()},
        stack_config_dir=texts["stackConfigDir"],
        backend_url=_text(backend, "url", problems, "backend.") or "",
    )


def _runtime(value: Any, problems: list[str]) -> tuple[str, dict[str, Any]]:
    """The language and its options: `python`, or a mapping with `name` and `options`."""
    if isinstance(value, str) and value:
        return value, {}
    if not isinstance(value, dict):
        problems.append("runtime: has to be a language such as python, or a mapping with name and options")
        return "", {}
    problems.extend(f"runtime.{key}: is not a field, only name and options are" for key in set(value) - _RUNTIME_FIELDS)
    options: Any = value.get("options") or {}
    if not isinstance(options, dict):
        problems.append("runtime.options: has to be a mapping")
        options = {}
    name = _text(value, "name", problems, "runtime.")
    if name == "":
        problems.append("runtime.name: is missing")
    return name or "", options


def _text(content: Mapping[str, Any], key: str, problems: list[str], prefix: str = "") -> str | None:
    """A text field, empty when it is absent; None, and a problem noted, when it is something else."""
    value = content.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    problems.append(f"{prefix}{key}: has to be a text")
    return None


def _refuse_unsupported(file: Path, content: Mapping[str, Any]) -> None:
    if content.get("environment"):
        raise UnsupportedError(
            f"{file}: environment: Pulumi ESC environments can't be used; write the values to config"
        )
    if content.get("encryptedkey") or content.get("secretsprovider", "passphrase") not in {"", "passphrase"}:
        raise UnsupportedError(
            f"{file}: secretsprovider: only passphrase can be used; run "
            "`pulumi stack change-secrets-provider passphrase`"
        )


def _stored(project: Project, config: Any, problems: list[str]) -> dict[str, Any]:
    """The configuration by full keys, as it is in the file."""
    if not isinstance(config, dict | None):
        problems.append("config: has to be a mapping")
        return {}
    stored: dict[str, Any] = {}
    for key, value in (config or {}).items():
        full = _full(project.name, str(key))
        if full.count(":") != 1:
            problems.append(f"config.{key}: a key has the form <namespace>:<name>")
        stored[full] = value
    return stored


def _full(project: str, key: str) -> str:
    """`key` with its namespace; the old form `namespace:config:name` loses its middle."""
    parts = key.split(":")
    if len(parts) == 3 and parts[1] == "config":
        return f"{parts[0]}:{parts[2]}"
    return key if len(parts) > 1 else f"{project}:{key}"


def _missing(project: Project, stored: Mapping[str, Any]) -> list[str]:
    """What a stack has to say or to encrypt and does not."""
    problems: list[str] = []
    for key, declared in sorted(project.declared.items()):
        if key in stored:
            if declared.type and declared.secret and not _is_secret(stored[key]):
                problems.append(f"config.{key}: has to be a secret; run `pulumi config set --secret {key}`")
        elif declared.default is None and key.startswith(f"{project.name}:"):
            problems.append(f"config.{key}: is missing; run `pulumi config set {key}`")
    return problems


def _misfits(project: Project, plain: Mapping[str, Any]) -> list[str]:
    wrong = [key for key, item in sorted(project.declared.items()) if key in plain and not item.fits(plain[key])]
    return [f"config.{key}: {_misfit(plain[key], project.declared[key])}" for key in wrong]


def _misfit(value: Any, declared: Declaration) -> str:
    if value == UNKNOWN_TEXT:
        return f"is a secret {declared.type_name()}, which can't stay unknown; set PULUMI_CONFIG_PASSPHRASE"
    return f"has to be of type {declared.type_name()}"


def _is_ciphertext(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("secure"), str)


def _is_secret(value: Any) -> bool:
    """Whether any part of `value` is encrypted."""
    if isinstance(value, dict):
        return _is_ciphertext(value) or any(_is_secret(item) for item in value.values())
    return isinstance(value, list) and any(_is_secret(item) for item in value)


def _encrypted(stored: Any, plain: Any) -> Iterator[str]:
    """The decrypted texts in `plain` that are encrypted in `stored`."""
    if _is_ciphertext(stored):
        yield plain
    elif isinstance(stored, dict):
        for key, item in stored.items():
            yield from _encrypted(item, plain[str(key)])
    elif isinstance(stored, list):
        for item, text in zip(stored, plain, strict=True):
            yield from _encrypted(item, text)


def _reveal(file: Path, key: str, value: Any, salt: str, passphrase: Unlocks) -> Any:
    """`value` with its encrypted parts decrypted."""
    if _is_ciphertext(value):
        if not salt:
            raise ProjectError(f"{file}: config.{key}: is encrypted, but encryptionsalt is missing")
        try:
            return passphrase.unlock(salt).decrypt(value["secure"])
        except PassphraseError:
            raise
        except StateError as error:
            raise ProjectError(f"{file}: config.{key}: {error}") from None
    if isinstance(value, dict):
        return {str(name): _reveal(file, f"{key}.{name}", item, salt, passphrase) for name, item in value.items()}
    if isinstance(value, list):
        return [_reveal(file, f"{key}[{index}]", item, salt, passphrase) for index, item in enumerate(value)]
    return value


def _raise(file: Path, problems: list[str]) -> None:
    if problems:
        raise ProjectError("\n".join(f"{file}: {problem}" for problem in problems))
