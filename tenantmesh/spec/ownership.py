"""The registry of names that only one tenant may own, so that a second owner is refused before anything is made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tenantmesh.errors import OwnershipError
from tenantmesh.spec.hosts import WILDCARD, parents


class ClaimKind(StrEnum):
    """What kind of name is claimed; names of different kinds never clash."""

    HOST = "host"
    """A host or SNI name, or `*.` and a domain, that a tenant's gateway answers to."""
    NAMESPACE = "namespace"
    """A namespace by its full name."""
    NODE_PORT = "node port"
    """A port on every node."""
    EGRESS_HOST = "egress host"
    """An outside host that a tenant's egress gateway calls."""
    TOKENS = "tokens for"
    """An issuer's tokens for one audience, which a tenant's ingress gateway takes."""


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """One name that `owner` wants for itself."""

    kind: ClaimKind
    value: str
    owner: str


@dataclass(slots=True)
class Registry:
    """The names that are taken so far, and by whom. It grows by `claim` and by nothing else."""

    _owners: dict[tuple[ClaimKind, str], str] = field(default_factory=dict[tuple[ClaimKind, str], str])
    _below: dict[str, list[Claim]] = field(default_factory=dict[str, list[Claim]])

    def claim(self, claims: Iterable[Claim]) -> None:
        """Take all of `claims`, or none.

        A host clashes with an equal host, with a wildcard over it and with what is under it. An owner may claim what it
        has already.

        Raises:
            OwnershipError: names are taken; each problem names the name and both owners.
        """
        wanted = sorted(set(claims))
        problems: list[str] = []
        for claim in wanted:
            problems.extend(_problem(claim, taken) for taken in self._clashes(claim))
        if problems:
            raise OwnershipError(problems)
        for claim in wanted:
            self._take(claim)

    def owner(self, kind: ClaimKind, value: str) -> str:
        """Who has exactly this name; "" when nobody has."""
        return self._owners.get((kind, value), "")

    def _clashes(self, claim: Claim) -> list[Claim]:
        taken = [claim.value]
        if claim.kind is ClaimKind.HOST:
            taken += [WILDCARD + domain for domain in parents(claim.value) if WILDCARD + domain != claim.value]
        owners = ((value, self._owners.get((claim.kind, value), claim.owner)) for value in taken)
        clashes = [Claim(claim.kind, value, owner) for value, owner in owners if owner != claim.owner]
        if claim.kind is ClaimKind.HOST and claim.value.startswith(WILDCARD):
            below = self._below.get(claim.value.removeprefix(WILDCARD), ())
            clashes += [other for other in below if other.owner != claim.owner and other.value != claim.value]
        return clashes

    def _take(self, claim: Claim) -> None:
        key = (claim.kind, claim.value)
        if key in self._owners:
            return
        self._owners[key] = claim.owner
        if claim.kind is ClaimKind.HOST:
            for domain in parents(claim.value):
                self._below.setdefault(domain, []).append(claim)


def _problem(claim: Claim, taken: Claim) -> str:
    """One clash in words; an equal name is said once, an overlapping one with both spellings."""
    how = "is" if taken.value == claim.value else f"overlaps {taken.value!r}, which is"
    return f"{claim.kind} {claim.value!r} of tenant {claim.owner!r} {how} already owned by tenant {taken.owner!r}"
