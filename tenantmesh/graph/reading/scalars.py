"""What a scalar of YAML means to Kubernetes: YAML 1.1 without dates, and no number that JSON lacks.

Seen on a real API server, which reads YAML as kubectl does (https://github.com/kubernetes-sigs/yaml).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from math import isinf
from typing import Any, Final

_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9_]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_BASES: Final = {"0b": 2, "0x": 16, "0o": 8}
_LARGEST_WHOLE: Final = 10**21
"""From here on JSON as Go writes it has an exponent."""
_STRING_TAGS: Final = frozenset({"tag:yaml.org,2002:str", "!"})
_TAGGED: Final[Mapping[str, tuple[type, ...]]] = {
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:float": (int, float),
    "tag:yaml.org,2002:int": (int,),
    "tag:yaml.org,2002:null": (type(None),),
}


@lru_cache(maxsize=1 << 14)
def plain(text: str) -> Any:
    """What text without quotes means. Raises ValueError for an infinite number, or one that is none."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text.replace("_", "").lower())
    if _FLOAT.fullmatch(text):
        number = float(text.replace("_", ""))
        if isinf(number):
            return text
        return int(number) if number.is_integer() and abs(number) < _LARGEST_WHOLE else number
    if _NO_NUMBER.fullmatch(text):
        raise ValueError(f"{text} can't be written in JSON")
    return text


def tagged(text: str, tag: str) -> Any:
    """What text with a tag means. Raises ValueError when the tag is not allowed, or says what the text is not."""
    if tag in _STRING_TAGS:
        return text
    if tag not in _TAGGED:
        raise ValueError(f"the tag {tag} is not allowed")
    value = plain(text)
    if not isinstance(value, _TAGGED[tag]) or (isinstance(value, bool) and tag != "tag:yaml.org,2002:bool"):
        raise ValueError(f"{text!r} is not what its tag {tag} says")
    return value


def key(value: Any) -> str:
    """A key as the text that it is in JSON. Raises ValueError for what can't be one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ValueError("a key has to be text")


def _integer(digits: str) -> int:
    sign, bare = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    base = _BASES.get(bare[:2], 8 if len(bare) > 1 and bare[0] == "0" else 10)
    return int(sign + (bare[2:] if bare[:2] in _BASES else bare), base)
