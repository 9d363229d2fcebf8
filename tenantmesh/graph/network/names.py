"""Hosts by name: patterns of DNS names, whatever their addresses."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from tenantmesh.graph.cidrs import Block
from tenantmesh.graph.fits import Fit, certain
from tenantmesh.graph.flow import Endpoint, Outside
from tenantmesh.graph.network.peers import AnyPeer, Peer, Reach
from tenantmesh.graph.network.surroundings import Surroundings
from tenantmesh.graph.opening import Peers

_LABEL: Final = "[-a-z0-9_]"


class NamePeer(NamedTuple):
    """Whoever outside has one of the names that `pattern` matches; `example` is one of them. Pods are never meant."""

    pattern: re.Pattern[str]
    example: str

    def fit(self, end: Endpoint, around: Surroundings) -> Fit:  # noqa: ARG002 - a name is a name anywhere
        """Whether it means `end`: unsure about an address, for it may be one of the name."""
        if not isinstance(end, Outside):
            return Fit.NO
        return certain(holds=bool(self.pattern.fullmatch(_normal(end.host)))) if end.host else Fit.UNSURE

    def reach(self, around: Surroundings) -> Reach:  # noqa: ARG002 - a name is outside anywhere
        """The world outside."""
        return Reach(Peers(outside=True))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """None that is known."""
        return ()


def examples(peers: Iterable[Peer]) -> Iterator[str]:
    """A name for each of `peers` that means names."""
    for one in peers:
        if isinstance(one, NamePeer):
            yield one.example
        elif isinstance(one, AnyPeer):
            yield from examples(one.peers)


@lru_cache(maxsize=1 << 10)
def domain(name: str) -> NamePeer:
    """The peer of a `domainNames` entry: a leading `*` stands for one or more whole labels."""
    plain = _normal(name)
    if plain.startswith("*."):
        return NamePeer(re.compile(rf"(?:{_LABEL}+\.)+{re.escape(plain[2:])}"), f"any.{plain[2:]}")
    return NamePeer(re.compile(re.escape(plain)), plain)


@lru_cache(maxsize=1 << 10)
def wildcard(pattern: str) -> NamePeer:
    """The peer of Cilium's `matchPattern`: `*` stays within a label, a leading `**.` is one or more of them."""
    plain = _normal(pattern)
    if plain == "*":
        return NamePeer(re.compile(rf"(?:{_LABEL}+\.)*{_LABEL}+"), "any.example")
    whole, rest = ("(?:" + _LABEL + r"+\.)+", plain[3:]) if plain.startswith("**.") else ("", plain)
    spelled = "".join(_LABEL + "*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", rest) if part)
    return NamePeer(re.compile(whole + spelled), ("any." if whole else "") + rest.replace("*", "any"))


def exact(name: str) -> NamePeer:
    """The peer of one name."""
    return domain(_normal(name).lstrip("*."))


READERS: Final[Mapping[str, Callable[[str], NamePeer]]] = {"matchName": exact, "matchPattern": wildcard}
"""How Cilium's selectors of names are read."""


def _normal(host: str) -> str:
    return host.partition(":")[0].rstrip(".").lower()
