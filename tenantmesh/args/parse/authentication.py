"""Reads JwtArgs."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from tenantmesh.args.parse.fields import filled_problem, method_problem, path_problem
from tenantmesh.args.parse.login import LOGIN
from tenantmesh.args.parse.readers import Reader, boolean, leaf, names, pairs, record, several, text
from tenantmesh.spec.authentication import JwtSpec, TokenRuleSpec

_HEADER = re.compile(r"[a-z][-_a-z0-9]*")
_CLAIM = re.compile(r"[^\[\]*]+(\[[^\[\]*]+\])*")
_TAKEN = ("authorization", "connection", "content-length", "cookie", "host", "te", "transfer-encoding", "upgrade")
_TAKEN_PREFIXES = ("x-envoy-", "x-forwarded-", "x-istio-")
_SECRET_PARTS = frozenset({"d", "dp", "dq", "k", "oth", "p", "q", "qi"})
"""Members of a key that only its owner may know (RFC 7518, sections 6.2.2, 6.3.2 and 6.4)."""


def header_problem(value: str) -> str:
    """Why no claim may be written to a header, or ""."""
    if not _HEADER.fullmatch(value):
        return f"{value!r} is not the name of a header in lower case, such as 'x-user'"
    if value in _TAKEN or value.startswith(_TAKEN_PREFIXES):
        return f"{value!r} has a meaning to proxies: choose another header"
    return ""


def claim_problem(value: str) -> str:
    """Why a text names no claim, or ""."""
    return "" if _CLAIM.fullmatch(value) else f"{value!r} is not a claim such as 'role' or 'realm_access[roles]'"


def _word_problem(value: str) -> str:
    """What is compared to the letter can't have a wildcard: it would stand for other tenants' too."""
    if not value.strip():
        return "is empty: write something"
    return f"{value!r} has '*' in it: name each one" if "*" in value else ""


def _uri_problem(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname:
        return f"{value!r} is not an address that begins with https://: keys from elsewhere could be anybody's"
    return "has a password in it: anybody who may read the policy sees it" if parts.password else ""


def jwks_problem(value: str) -> str:
    """Why a text is no set of public keys, or ""; keys are not shown."""
    try:
        keys = json.loads(value)["keys"]
        found = [dict(key) for key in keys]
    except (ValueError, KeyError, TypeError):
        return 'is not a JSON Web Key Set ({"keys": [...]})'
    if not found:
        return "has no key: no token could be accepted"
    if any(_SECRET_PARTS & key.keys() for key in found):
        return "has a private or shared key in it: name public keys only"
    return ""


def _keys(value: Any, path: str, problems: list[str]) -> Any:
    """Text is looked at; an output that is known only later flows through."""
    return text(jwks_problem)(value, path, problems) if isinstance(value, str) else leaf(value, path, problems)


def _jwt_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    if "jwks" in found and "jwks_uri" in found:
        return [("jwks_uri", "is one source of keys and jwks another: name one")]
    if "jwks" not in found and "jwks_uri" not in found:
        return [("jwks", "is missing: give the public keys, or their address as jwks_uri")]
    headers = [found.get("payload_header", ""), *(header for header, _ in found.get("claim_headers", ()))]
    twice = headers[0] and headers.count(headers[0]) > 1
    return [("payload_header", f"{headers[0]!r} is in claim_headers too: choose another")] if twice else []


def _rule_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [] if any(found.values()) else [("", "says nothing: give paths, methods or claims, or leave allow out")]


def _issuers(item: Reader) -> Reader:
    """Issuers by name, each once: a token is judged by the one entry that names its issuer."""
    listing = several(item)

    def read(value: Any, path: str, problems: list[str]) -> tuple[JwtSpec, ...] | None:
        before = len(problems)
        found: Sequence[JwtSpec] | None = listing(value, path, problems)
        if found is None or len(problems) > before:
            return None
        seen = [one.issuer for one in found]
        for index, issuer in enumerate(seen):
            if issuer in seen[:index]:
                problems.append(f"{path}[{index}].issuer: {issuer!r} is there twice: say all in one")
        return tuple(sorted(found, key=lambda one: one.issuer))

    return read


TOKEN_RULE = record(
    TokenRuleSpec,
    {
        "paths": names(path_problem),
        "methods": names(method_problem),
        "claims": pairs(names(filled_problem, least=1), claim_problem),
    },
    rules=[_rule_rule],
)
JWT = record(
    JwtSpec,
    {
        "issuer": text(_word_problem),
        "audiences": names(_word_problem, least=1),
        "jwks": _keys,
        "jwks_uri": text(_uri_problem),
        "forward_token": boolean,
        "payload_header": text(header_problem),
        "claim_headers": pairs(text(claim_problem), header_problem),
        "allow": several(TOKEN_RULE, 1),
        "login": LOGIN,
    },
    required=["issuer", "audiences"],
    rules=[_jwt_rule],
)
ISSUERS = _issuers(JWT)
"""All of a tenant's issuers."""
