"""Host names: what one is, when one covers another, and when two overlap."""

import re
from functools import lru_cache

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_NUMBERS = re.compile(r"[0-9.]+")
WILDCARD = "*."


@lru_cache(maxsize=16384)
def host_problem(host: str) -> str:
    """Why `host` is not one full host name in lower case, or "" when it is."""
    if host != normal(host):
        return f"{host!r} is written unlike other names and could pass for one: did you mean {normal(host)!r}?"
    if _NUMBERS.fullmatch(host):
        return f"{host!r} is an address: write a host name"
    if len(host) > 253 or not _HOST.fullmatch(host):
        return f"{host!r} is not a host name of at least two labels, such as 'shop.example.com'"
    return ""


@lru_cache(maxsize=16384)
def pattern_problem(host: str) -> str:
    """Why `host` is neither a host name nor `*.` and a host name, or "" when it is."""
    if host.startswith(WILDCARD):
        problem = host_problem(host.removeprefix(WILDCARD))
        return f"{host!r}: {problem}" if problem else ""
    return host_problem(host)


def normal(host: str) -> str:
    """The spelling in which hosts are compared: lower case, no final dot."""
    return host.strip().lower().rstrip(".")


def parents(host: str) -> tuple[str, ...]:
    """The domains above a host or pattern, nearest first: `a.b.c` has `b.c` and `c`; `*.b.c` has `b.c` and `c`."""
    labels = host.split(".")
    return tuple(".".join(labels[start:]) for start in range(1, len(labels)))


def covers(pattern: str, host: str) -> bool:
    """Whether all that `host` stands for fits `pattern`: `*.b.c` covers `a.b.c`, `x.a.b.c` and `*.a.b.c`, not `b.c`."""
    if pattern == host:
        return True
    return pattern.startswith(WILDCARD) and host.removeprefix(WILDCARD).endswith(pattern[1:])


def overlap(one: str, other: str) -> bool:
    """Whether some name fits both: equal, a wildcard over a host, or a wildcard over a wildcard."""
    return covers(one, other) or covers(other, one)
