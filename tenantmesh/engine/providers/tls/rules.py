"""The rules of tls's fields that a flag can't say: validators and what forces a replacement."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from tenantmesh.engine.providers.bridged.schema import Validator
from tenantmesh.engine.providers.tls.usages import ALLOWED_USES
from tenantmesh.engine.values import UNKNOWN, Properties, Value

_PEM = re.compile(r"-----BEGIN [A-Za-z ]+-----\n[\s\S]+\n-----END [A-Za-z ]+-----\n?")

_SHOWN = 40


def pem_change(prior: Value, _planned: Value, _config: Value) -> bool:
    """A change replaces where the state holds the PEM text; very old states held a hash of it."""
    return isinstance(prior, str) and _PEM.fullmatch(prior) is not None


def at_least(name: str, least: int) -> Validator:
    """A validator of a number that may not be below `least`."""
    return lambda value, _inputs: f"{name} is {value}; make it at least {least}" if value < least else None


def one_of(name: str, choices: tuple[str, ...]) -> Validator:
    """A validator of a word from a list."""
    text = ", ".join(choices)
    return lambda value, _inputs: None if value in choices else f"{name} is {_shown(value)}; make it one of {text}"


def nonempty(name: str) -> Validator:
    """A validator of a list whose strings may not be empty."""
    return lambda value, _inputs: f"{name} has an empty string; leave it out" if "" in value else None


def known_uses(value: Value, _inputs: Properties) -> str | None:
    """Every use is one that X.509 names, and the two that restrict a key agreement stand beside one."""
    unknown = [use for use in value if use is not UNKNOWN and use not in ALLOWED_USES]
    if unknown:
        return f"allowedUses has {', '.join(map(_shown, unknown))}; the uses are {', '.join(sorted(ALLOWED_USES))}"
    if UNKNOWN not in value and "key_agreement" not in value and {"encipher_only", "decipher_only"} & set(value):
        return "allowedUses has encipher_only or decipher_only, which mean nothing alone; add key_agreement"
    return None


def ip_addresses(value: Value, _inputs: Properties) -> str | None:
    """Every address is one."""
    wrong = [text for text in value if text and text is not UNKNOWN and parse_ip(text) is None]
    return f"ipAddresses has {', '.join(map(_shown, wrong))}; give IPv4 or IPv6 addresses" if wrong else None


def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """The address, an IPv4 one where IPv6 only wraps it, or None."""
    try:
        return IPv4Address(text)
    except AddressValueError:
        pass
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return None
    return None if address.scope_id else address.ipv4_mapped or address


def country_code(value: Value, _inputs: Properties) -> str | None:
    """RFC 5280, appendix A.1: two letters. The real provider would sign anything."""
    return None if len(value.encode()) == 2 else f"country is {_shown(value)}; make it the two letters of ISO 3166"


def short_name(value: Value, _inputs: Properties) -> str | None:
    """RFC 5280, appendix A.1: at most 64 characters, counted in bytes. The real provider would sign anything."""
    return f"commonName is {_shown(value)}; make it at most 64 bytes" if len(value.encode()) > 64 else None


def _shown(value: str) -> str:
    """A value for an error: a long one may be a key in the wrong place."""
    return repr(value) if len(value) <= _SHOWN else f"a text of {len(value)} characters"
