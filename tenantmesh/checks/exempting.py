"""Exemptions: findings that are borne for a reason and until a day, and exemptions that are no longer meant."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from tenantmesh.checks.declarations.permissive import Permitted
from tenantmesh.checks.declarations.statements import ExemptionSaid
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import finding
from tenantmesh.checks.rules import hygiene as rules

Exemption = ExemptionSaid | Permitted


class Judged(Struct, frozen=True):
    """Findings that stand and findings that are borne."""

    standing: tuple[Finding, ...]
    exempted: tuple[Finding, ...]


def judged(found: Iterable[Finding], exemptions: Sequence[Exemption], today: datetime.date) -> Judged:
    """`found` without what is exempted `today`; an exemption that is over or exempts nothing is a finding itself."""
    ordered = sorted(found, key=lambda one: one.order)
    valid = [one for one in exemptions if one.expires >= today]
    used: set[int] = set()
    standing: list[Finding] = []
    exempted: list[Finding] = []
    for one in ordered:
        fitting = [index for index, exemption in enumerate(valid) if exempts(exemption, one)]
        used.update(fitting)
        (exempted if fitting else standing).append(one)
    unused = [exemption for index, exemption in enumerate(valid) if index not in used]
    standing += [*_expired(exemptions, today), *_unused(unused)]
    return Judged(tuple(sorted(standing, key=lambda one: one.order)), tuple(exempted))


def exempts(exemption: Exemption, one: Finding) -> bool:
    """Whether the exemption is for this rule, for all tenants of the finding and for one of its objects."""
    if isinstance(exemption, Permitted):
        return exemption.exempts(one)
    if exemption.rule != one.rule.id:
        return False
    if exemption.tenants and not all(_fits_any(exemption.tenants, tenant) for tenant in one.tenants):
        return False
    if not exemption.objects:
        return True
    names = [name for item in one.objects for name in (str(item.key), str(item.key).partition(" ")[2])]
    return any(_fits_any(exemption.objects, name) for name in names)


def _fits_any(patterns: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _expired(exemptions: Iterable[Exemption], today: datetime.date) -> Iterator[Finding]:
    for one in exemptions:
        if one.expires < today:
            message = f"the {one} held until {one.expires.isoformat()}"
            yield finding(rules.EXEMPTION_EXPIRED, one.tenants, (), witness=one.rule, message=message)


def _unused(exemptions: Iterable[Exemption]) -> Iterator[Finding]:
    for one in exemptions:
        message = f"the {one} matches no finding"
        yield finding(rules.EXEMPTION_UNUSED, one.tenants, (), witness=one.rule, message=message)
