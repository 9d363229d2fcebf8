"""Whom an ALLOW lets in that only a DENY keeps out: other tenants by name, and everybody."""

import re
from collections.abc import Iterator

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, labels, part, parts, spec, text, texts
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.manifest import ManifestObject

_EVERYBODY = "*"
_PRINCIPAL = re.compile(r"/ns/([^/*]+)/")
# With one of these a source is told apart by something other than the mesh's identities.
_OTHERWISE = ("ipBlocks", "remoteIpBlocks", "requestPrincipals")
_CALLERS = ("source.", "request.auth.", "remote.")
# Of what these find, an ALLOW that really opens is the object.
_OPEN = frozenset({rules.GRANT_EXCEEDED.id, rules.IDENTITY_REACH.id, rules.IDENTITY_UNCOVERED.id})


def check(context: Context, outcome: Outcome) -> None:
    """Add the ALLOWs for callers whom nobody granted anything; those of gateways are for clients outside."""
    if not context.has_mesh:
        return
    told = {one.key for found in outcome.findings if found.rule.id in _OPEN for one in found.objects}
    told |= {key for one in context.permitted.get(outcome.tenant, ()) for key in one.objects}
    for one in context.objects(outcome.tenant, "security.istio.io", "AuthorizationPolicy"):
        allows = spec(one).get("action") in (None, "", "ALLOW")
        if allows and one.key not in told and not _is_gateways(context, one):
            outcome.findings += _beyond(context, outcome.tenant, one)


def _is_gateways(context: Context, one: ManifestObject) -> bool:
    selected = labels(part(spec(one), "selector", "matchLabels"))
    doors = context.doors.of(one.key.namespace)
    bound = bool(spec(one).get("targetRef") or spec(one).get("targetRefs"))
    return bound or any(door.selector.items() <= selected.items() for door in doors)


def _beyond(context: Context, tenant: str, one: ManifestObject) -> Iterator[Finding]:
    said = context.intent.exported.get(one.key.namespace, {})
    told: set[str] = set()
    for at, rule in enumerate(parts(spec(one).get("rules"))):
        for place in _callers(rule):
            other = _EVERYBODY if place == _EVERYBODY else context.intent.owners.get(place, "")
            if other and other != tenant and place not in said and other not in told:
                told.add(other)
                who = "everybody" if other == _EVERYBODY else other
                yield finding(
                    rules.ALLOW_WIDE,
                    (tenant,) if other == _EVERYBODY else (tenant, other),
                    (one,),
                    witness=f"once the DENY is gone, {who} calls pods of {one.key.namespace}",
                    message=f"{one.key} allows {who} (spec.rules[{at}]), and only a DENY keeps them out",
                )


def _callers(rule: Part) -> Iterator[str]:
    """The namespaces that a rule lets in, `*` for all; nothing where it goes by something else."""
    sources = [part(entry, "source") for entry in parts(rule.get("from"))]
    if not sources and not any(text(one.get("key")).startswith(_CALLERS) for one in parts(rule.get("when"))):
        yield _EVERYBODY
    for source in sources:
        if not any(source.get(field) for field in _OTHERWISE):
            lists = [_principals(source), _accounts(source), texts(source.get("namespaces"))]
            named = [[place if "*" not in place else _EVERYBODY for place in places] for places in lists if places]
            # What several fields say has to hold at once: the one that says least is the one that tells.
            yield from min(named, key=_width, default=[_EVERYBODY])


def _width(places: list[str]) -> tuple[bool, int]:
    return _EVERYBODY in places, len(places)


def _principals(source: Part) -> list[str]:
    """The namespaces of principals; one that names none is of all."""
    return [
        found.group(1) if (found := _PRINCIPAL.search(f"/{one}")) else _EVERYBODY
        for one in texts(source.get("principals"))
    ]


def _accounts(source: Part) -> list[str]:
    """The namespaces of `namespace/account`; an account without one is of the policy's own."""
    return [place or "." for place, _, _ in (one.rpartition("/") for one in texts(source.get("serviceAccounts")))]
