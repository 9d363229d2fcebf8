"""Reads the YAML files of a Pulumi project as the Pulumi CLI reads them, and says where they are wrong."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from tenantmesh.errors import ProjectError

_RULES: Final = (
    # The CLI's parser takes `yes`, `on` and `1:30` for text, unlike YAML 1.1, and `010` for eight, unlike YAML 1.2.
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?", "-+.0123456789"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:merge", r"<<", "<"),
)


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with other rules for plain words."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 -- filled below, once


for _tag, _pattern, _first in _RULES:
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), list(_first))


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node))


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text: str = loader.construct_scalar(node).replace("_", "")
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits.startswith("0") and all(digit in "01234567" for digit in digits)
    return int(text, 8) if octal else int(text, 10 if digits.isdecimal() else 0)


_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def read(path: Path) -> dict[str, Any] | None:
    """The mapping in `path`, {} when it is empty, None when there is no such file; raises ProjectError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        content: Any = yaml.load(text, Loader=_Loader)  # noqa: S506 -- derived from the safe loader
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProjectError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ProjectError(f"{path}: not UTF-8 text") from None
    except yaml.YAMLError as error:
        raise ProjectError(f"{path}: not YAML: {_place(error)}") from None
    except (RecursionError, ValueError):
        raise ProjectError(f"{path}: not YAML: it is nested too deeply, or a tagged value is malformed") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ProjectError(f"{path}: has to be a mapping with text keys")
    return content


def _place(error: yaml.YAMLError) -> str:
    """The problem and its place, without a piece of the file."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} at line {error.problem_mark.line + 1} column {error.problem_mark.column + 1}"
    return "it holds a character that YAML does not allow"
