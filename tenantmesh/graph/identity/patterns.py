"""How Istio's policies match text: exact, by prefix, by suffix, by presence, and as a template of a path.

Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source and #Operation.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

_TEMPLATE: Final = re.compile(r"\{\*\*?\}")
# What Envoy lets a part of a template stand for: https://www.rfc-editor.org/rfc/rfc3986#section-3.3 but for "*".
_SEGMENT: Final = r"a-zA-Z0-9\-._~%!$&'()+,;:@="
_HOLES: Final = {"{*}": f"[{_SEGMENT}]+", "{**}": f"[{_SEGMENT}/]*"}


class Pattern(NamedTuple):
    """What a text has to be like; `form` is exact, prefix, suffix, present, template or regex.

    `sample` is a text that fits a template or an expression, "" when nobody gave one.
    """

    form: str
    value: str
    sample: str = ""

    def matches(self, text: str | None) -> bool:
        """Whether the text fits; what is not there (None) fits nothing, and nothing is not present."""
        if text is None:
            return False
        match self.form:
            case "exact":
                return text == self.value
            case "prefix":
                return text.startswith(self.value)
            case "suffix":
                return text.endswith(self.value)
            case "present":
                return text != ""
            case _:
                return _compiled(self.value).fullmatch(text) is not None

    @property
    def example(self) -> str:
        """A text that fits, unless the pattern is an expression of which no sample is known."""
        return {"prefix": f"{self.value}any", "suffix": f"any{self.value}", "present": "any"}.get(
            self.form, self.sample or self.value
        )


@lru_cache(maxsize=1 << 16)
def pattern(text: str, prefix: str = "") -> Pattern:
    """The pattern that a value of a policy spells; `prefix` stands before all that it names."""
    if text == "*":
        return Pattern("present", "")
    if text.startswith("*"):
        if prefix:
            return Pattern("regex", f"{re.escape(prefix)}.*{re.escape(text[1:])}")
        return Pattern("suffix", text[1:])
    if text.endswith("*"):
        return Pattern("prefix", prefix + text[:-1])
    return Pattern("exact", prefix + text)


@lru_cache(maxsize=1 << 12)
def path_pattern(text: str) -> Pattern:
    """The pattern of a path: with `{*}` for one segment and `{**}` for any number, or like any other text."""
    if not _TEMPLATE.search(text):
        return pattern(text)
    parts = _TEMPLATE.split(text)
    holes = [".*" if one == "{**}" else "[^/]+" for one in _TEMPLATE.findall(text)]
    made = re.escape(parts[0]) + "".join(hole + re.escape(part) for hole, part in zip(holes, parts[1:], strict=True))
    return Pattern("template", made, _TEMPLATE.sub("any", text))


@lru_cache(maxsize=1 << 12)
def namespace_pattern(text: str) -> Pattern:
    """The pattern of a principal whose namespace is like `text`, in which every `*` stands for anything."""
    inner = ".*".join(re.escape(part) for part in text.split("*"))
    return Pattern("regex", f".*/ns/{inner}/.*")


@lru_cache(maxsize=1 << 12)
def account_pattern(text: str, namespace: str) -> Pattern:
    """The pattern of a principal with a service account, `name` of the policy's namespace or `namespace/name`."""
    first, slash, second = text.partition("/")
    space, name = (first, second) if slash else (namespace, text)
    return Pattern("regex", f"spiffe://.+/ns/{re.escape(space)}/(.+/|)sa/{re.escape(name)}(/.+)?")


@lru_cache(maxsize=1 << 12)
def trust_domain_pattern(text: str) -> Pattern:
    """The pattern of a principal of a trust domain."""
    if text == "*":
        return Pattern("prefix", "spiffe://")
    if "*" not in text:
        return Pattern("prefix", f"spiffe://{text}/")
    before, after = text.split("*", 1)
    return Pattern("regex", f"spiffe://{re.escape(before)}[^/]*{re.escape(after)}/.*")


@lru_cache(maxsize=1 << 12)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)
