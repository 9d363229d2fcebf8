"""Names that two tenants claim, by equality or under a wildcard."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tenantmesh.checks.claim import Claim
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import finding


def overlaps(claims: Iterable[Claim]) -> Iterator[Finding]:
    """One finding for each two tenants and name that both claim, by equality or under a wildcard."""
    by_name: defaultdict[tuple[str, str], dict[str, Claim]] = defaultdict(dict)
    for claim in claims:
        held = by_name[claim.rule.id, claim.name].setdefault(claim.tenant, claim)
        if held.private and not claim.private:
            by_name[claim.rule.id, claim.name][claim.tenant] = claim
    starred = {rule for rule, name in by_name if name.startswith("*")}
    for (rule, name), holders in by_name.items():
        if len(holders) > 1:
            yield from _same(sorted(holders.values(), key=lambda one: (one.private, one.tenant)))
        for parent in _parents(name) if rule in starred else ():
            if (rule, parent) in by_name:
                yield from _under(holders.values(), by_name[rule, parent].values())


def _same(holders: list[Claim]) -> Iterator[Finding]:
    """The first that others can see, against each of the rest: findings grow with the claims, not with their square."""
    first, *others = holders
    if not first.private:
        for other in others:
            yield _overlap(first, other)


def _under(narrow: Iterable[Claim], wide: Iterable[Claim]) -> Iterator[Finding]:
    for one in narrow:
        for other in wide:
            if one.tenant != other.tenant and not (one.private and other.private):
                yield _overlap(one, other)


def _parents(name: str) -> Iterator[str]:
    """The wildcards that a name is under."""
    rest = name.removeprefix("*.")
    if name != rest:
        rest = rest.partition(".")[2]
        if rest:
            yield f"*.{rest}"
    while "." in rest:
        rest = rest.partition(".")[2]
        yield f"*.{rest}"
    if name != "*":
        yield "*"


def _overlap(one: Claim, other: Claim) -> Finding:
    name = one.shown or one.name
    under = "" if one.name == other.name else f" (under {other.shown or other.name})"
    owners = f"{one.tenant}'s by {one.object.key} and {other.tenant}'s by {other.object.key}"
    return finding(
        one.rule,
        (one.tenant, other.tenant),
        (one.object, other.object),
        witness=f"{one.what} {name.replace('*', 'any', 1)}",
        message=f"{one}{under} is {owners}",
    )
