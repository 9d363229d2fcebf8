"""Trust: keys and authorities of two tenants, credentials of another's namespace, certificates that run out."""

import datetime
from collections.abc import Iterable, Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding, Rule
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.rules import trust as rules
from tenantmesh.checks.rules.isolation import NOT_UNDERSTOOD
from tenantmesh.graph.trust import Certificate, Place, Shared

_SOON = datetime.timedelta(days=30)


def check(context: Context, outcome: Outcome) -> None:
    """Add another's credentials that a tenant's objects use, and its certificates that run out."""
    for namespace in context.intent.tenants[outcome.tenant]:
        outcome.findings += _foreign(context, outcome.tenant, namespace)
    check_dates(context, outcome)


def check_dates(context: Context, outcome: Outcome) -> None:
    """Add a tenant's certificates that run out."""
    for namespace in context.intent.tenants[outcome.tenant]:
        for material in context.trust.materials(namespace):
            outcome.findings += _dated(context, outcome.tenant, material.certificates)


def check_cluster(context: Context) -> Iterator[Finding]:
    """Keys and authorities that are in objects of several tenants, and issuers that sign for several."""
    for shared in context.trust.shared_keys:
        yield from _shared(context, shared, rules.SHARED_KEY, "private key")
    for shared in (*context.trust.shared_authorities, *context.trust.shared_issuers):
        yield from _shared(context, shared, rules.SHARED_AUTHORITY, "authority")
    for shared in context.trust.unseen_issuers:
        yield from _unseen(context, shared)


def unread(context: Context) -> int:
    """How many objects of tenants hold something that can't be read here."""
    spaces = (space for some in context.intent.tenants.values() for space in some)
    return sum(bool(one.unread) for space in spaces for one in context.trust.materials(space))


def _foreign(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    for use in context.trust.uses(namespace):
        other = context.intent.owners.get(use.owner, use.owner)
        if use.crosses and not use.granted and other != tenant:
            yield finding(
                rules.FOREIGN_CREDENTIAL,
                (tenant, other) if use.owner in context.intent.owners else (tenant,),
                (use.object,),
                witness=f"{use.object.key} reads {use.kind} {use.owner}/{use.name}",
                message=f"{use.object.key} uses {use.kind} {use.owner}/{use.name} at {use.path} ({use.purpose})",
            )


def _dated(context: Context, tenant: str, certificates: Iterable[tuple[Place, Certificate]]) -> Iterator[Finding]:
    now = datetime.datetime.combine(context.today, datetime.time(), tzinfo=datetime.UTC)
    for place, one in certificates:
        if one.expires < now + _SOON:
            rule, verb = (
                (rules.CERTIFICATE_EXPIRED, "ran out") if one.expires < now else (rules.CERTIFICATE_EXPIRES, "runs out")
            )
            day = one.expires.date().isoformat()
            yield finding(
                rule,
                (tenant,),
                (place.object,),
                witness=f"a handshake after {day}",
                message=f"{place}: the certificate of {one.subject or 'nobody'} {verb} on {day}",
            )


def _shared(context: Context, shared: Shared, rule: Rule, what: str) -> Iterator[Finding]:
    tenants, places = _owned(context, shared)
    if len(tenants) > 1:
        subject = f" of {shared.subject}" if shared.subject else ""
        fingerprint = f" ({shared.fingerprint[:16]})" if shared.fingerprint else ""
        yield finding(
            rule,
            tenants,
            [place.object for place in places],
            witness=f"a peer with what {places[0]} holds is taken by {tenants[-1]} as its own",
            message=f"one {what}{subject}{fingerprint} is at {', '.join(map(str, places[:4]))}",
        )


def _unseen(context: Context, shared: Shared) -> Iterator[Finding]:
    tenants, places = _owned(context, shared)
    if len(tenants) > 1:
        yield finding(
            NOT_UNDERSTOOD,
            tenants,
            [place.object for place in places],
            witness="",
            message=f"{shared.subject} signs at {', '.join(map(str, places[:4]))} and is not among the objects, so "
            "whether it is a public authority or one that tenants share is not known",
            fix="put it beside the other objects, or give each tenant an issuer of its own",
        )


def _owned(context: Context, shared: Shared) -> tuple[list[str], list[Place]]:
    """The tenants that have it, sorted, and where."""
    owners = context.intent.owners
    places = [place for place in shared.places if place.namespace in owners]
    return sorted({owners[place.namespace] for place in places}), places
