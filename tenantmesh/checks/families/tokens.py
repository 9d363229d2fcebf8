"""Tokens at front doors: that gateways take those which were declared, ask for them, and open no more by them.

Read off the objects, not tried with requests: what is not of a form that is known to ask for a token asks for none.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from msgspec import Struct

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.declared import KEYS
from tenantmesh.checks.declarations.statements import OpenedSaid, TokenSaid
from tenantmesh.checks.doors import GATEWAY_NAME
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, labels, part, parts, spec, text, texts
from tenantmesh.checks.proof import Unproven
from tenantmesh.checks.rules import doors as rules
from tenantmesh.manifest import ManifestObject

_GROUP = "security.istio.io"
_ISSUER = "request.auth.claims[iss]"
_DIGEST = "sha256:"
# A source with one of these is a workload of the mesh, which shows no token but its own name.
_MEMBERS = ("namespaces", "principals", "serviceAccounts")

_Found = tuple[tuple[ManifestObject, ...], str]


class _Asked(Struct, frozen=True, kw_only=True):
    """The pods of one gateway and what is declared of its tokens; nobody is served on the `spared` ports."""

    gateway: ManifestObject
    pods: Mapping[str, str]
    spared: frozenset[str]
    said: tuple[TokenSaid, ...]

    @property
    def issuers(self) -> set[str]:
        return {one.issuer for one in self.said}


def check(context: Context, outcome: Outcome) -> None:
    """Add the gateways of a tenant that take, ask or open otherwise than it declared of tokens."""
    said = context.intent.tokens.get(outcome.tenant, ())
    if not said:
        return
    for namespace in context.intent.tenants[outcome.tenant]:
        policies, taken = _around(context, namespace, "AuthorizationPolicy"), None
        for asked in _gateways(context, namespace, said):
            taken = _around(context, namespace, "RequestAuthentication") if taken is None else taken
            outcome.unproven += _unknown(outcome.tenant, asked, taken)
            for objects, what in chain(_taken(asked, taken), _required(asked, policies), _opened(asked, policies)):
                outcome.findings.append(_finding(outcome.tenant, asked, objects, what))


def _around(context: Context, namespace: str, kind: str) -> list[ManifestObject]:
    """What may hold for pods of a namespace: its own, and those of the whole mesh."""
    found = context.cluster.objects(_GROUP, kind)
    return [
        one for space in dict.fromkeys((namespace, context.cluster.mesh.root_namespace)) for one in found.get(space, ())
    ]


def _gateways(context: Context, namespace: str, said: tuple[TokenSaid, ...]) -> Iterator[_Asked]:
    for door in context.doors.of(namespace):
        serving: set[int] = set()
        sending: set[int] = set()
        for server in parts(spec(door.gateway).get("servers")):
            number = part(server, "port").get("number")
            listened = context.doors.listened(door, number) if isinstance(number, int) else frozenset[int]()
            (sending if part(server, "tls").get("httpsRedirect") is True else serving).update(listened)
        spared = frozenset(str(port) for port in sending - serving)
        yield _Asked(gateway=door.gateway, pods=door.selector, spared=spared, said=said)


def _taken(asked: _Asked, objects: Iterable[ManifestObject]) -> Iterator[_Found]:
    """Tokens that are taken without having been declared, and declared ones that are not."""
    missing = asked.issuers
    for one in objects:
        if _may_hold(one, asked):
            for rule in parts(spec(one).get("jwtRules")):
                issuer = text(rule.get("issuer"))
                said = next((each for each in asked.said if each.issuer == issuer), None)
                yield from (((one,), what) for what in _otherwise(rule, issuer, said))
                missing -= {issuer} if _holds(one, asked) else set()
    for issuer in sorted(missing):
        yield (asked.gateway,), f"no RequestAuthentication of all its pods takes tokens of {issuer}"


def _otherwise(rule: Part, issuer: str, said: TokenSaid | None) -> Iterator[str]:
    if said is None:
        yield f"takes tokens of {issuer or 'any issuer'}, which was not declared"
        return
    if said.audiences and not _within(texts(rule.get("audiences")), said.audiences):
        yield f"takes tokens of {issuer} for other audiences than {', '.join(said.audiences)}"
    if said.keys and not _has_keys(rule, said.keys):
        yield f"takes tokens of {issuer} that are signed with other keys than those of {said.keys}"
    written = [(text(one.get("header")), text(one.get("claim"))) for one in parts(rule.get("outputClaimToHeaders"))]
    for header, claim in said.headers.items():
        if (header, claim) not in written:
            yield f"does not write the claim {claim} into the header {header}, so that a client may write it"


def _unknown(tenant: str, asked: _Asked, objects: Iterable[ManifestObject]) -> Iterator[Unproven]:
    """Keys that are written beside a declared issuer while they, or those that were declared, are not known."""
    declared = {one.issuer: one.keys for one in asked.said if one.keys.startswith((_DIGEST, KEYS))}
    for one in objects:
        for at, rule in enumerate(parts(spec(one).get("jwtRules")) if _may_hold(one, asked) else ()):
            keys = declared.get(text(rule.get("issuer")), "")
            if keys and _is_written(rule) and (keys.startswith(KEYS) or not isinstance(rule["jwks"], str)):
                what = f"which keys sign the tokens of {text(rule.get('issuer'))} is known once they are deployed only"
                yield Unproven(tenants=(tenant,), reason=f"{one.key}: {what} (spec.jwtRules[{at}].jwks)", object=one)


def _is_written(rule: Part) -> bool:
    """Whether the keys are in the rule, and none are fetched beside."""
    return bool(rule.get("jwks")) and not (rule.get("jwksUri") or rule.get("jwks_uri"))


def _has_keys(rule: Part, said: str) -> bool:
    """Whether a rule goes by the keys at an address, or by those with a digest if that is known, and by no others."""
    written, fetched = rule.get("jwks"), rule.get("jwksUri") or rule.get("jwks_uri")
    if said.startswith((_DIGEST, KEYS)):
        unknown = said.startswith(KEYS) or not isinstance(written, str)
        return _is_written(rule) and (unknown or _digest(str(written)) == said)
    return fetched == said and not written


def _digest(keys: str) -> str:
    """The SHA-256 of a key set, however it is laid out."""
    try:
        plain = json.dumps(json.loads(keys), separators=(",", ":"), sort_keys=True)
    except ValueError:
        plain = keys
    return _DIGEST + hashlib.sha256(plain.encode()).hexdigest()


def _required(asked: _Asked, policies: Iterable[ManifestObject]) -> Iterator[_Found]:
    """Nothing when a DENY refuses all requests without a token that was declared."""
    denying = [one for one in policies if spec(one).get("action") == "DENY" and _may_hold(one, asked)]
    held = (rule for one in denying if _holds(one, asked) for rule in parts(spec(one).get("rules")))
    if not any(_asks(rule, asked) for rule in held):
        yield (
            (asked.gateway, *denying),
            f"no DENY refuses requests without a token of {', '.join(sorted(asked.issuers))}",
        )


def _asks(rule: Part, asked: _Asked) -> bool:
    """Whether a rule of a DENY is met by every request without a token of the issuers, on all ports that serve."""
    sources, conditions, operations = (parts(rule.get(name)) for name in ("from", "when", "to"))
    wide = not operations or any(_all_but(part(one, "operation"), asked.spared) for one in operations)
    if not wide or bool(sources) == bool(conditions):
        return False
    if conditions:
        issuers = texts(conditions[0].get("notValues"))
        named = conditions[0].get("key") == _ISSUER and not conditions[0].get("values")
        return len(conditions) == 1 and named and _within(issuers, asked.issuers)
    return any(_is_without_token(part(one, "source"), asked) for one in sources)


def _is_without_token(source: Part, asked: _Asked) -> bool:
    declared = {"*", *(f"{issuer}/*" for issuer in asked.issuers)}
    return set(source) == {"notRequestPrincipals"} and _within(texts(source["notRequestPrincipals"]), declared)


def _all_but(operation: Part, spared: frozenset[str]) -> bool:
    """Whether an operation is every request but those on the spared ports."""
    return not set(operation) - {"notPorts"} and set(texts(operation.get("notPorts"))) <= spared


def _opened(asked: _Asked, policies: Iterable[ManifestObject]) -> Iterator[_Found]:
    """The rules of an ALLOW for clients outside that let through more than some token was declared to open."""
    if not any(one.allow for one in asked.said):
        return
    for one in policies:
        if spec(one).get("action") in (None, "", "ALLOW") and _may_hold(one, asked):
            for at, rule in enumerate(parts(spec(one).get("rules"))):
                if not _is_of_members(rule) and not _is_opened(rule, asked):
                    yield (one,), f"lets more through than the declared tokens open (spec.rules[{at}])"


def _is_of_members(rule: Part) -> bool:
    sources = [part(one, "source") for one in parts(rule.get("from"))]
    return bool(sources) and all(any(source.get(field) for field in _MEMBERS) for source in sources)


def _is_opened(rule: Part, asked: _Asked) -> bool:
    operations = [part(one, "operation") for one in parts(rule.get("to"))] or [{}]
    serving = [one for one in operations if not _within(texts(one.get("ports")), asked.spared)]
    needed = {text(one.get("key")): texts(one.get("values")) for one in parts(rule.get("when"))}
    openings = [(said.issuer, each) for said in asked.said for each in said.allow or (OpenedSaid(),)]
    return all(any(_is_within(one, needed, issuer, each) for issuer, each in openings) for one in serving)


def _is_within(operation: Part, needed: Mapping[str, list[str]], issuer: str, opened: OpenedSaid) -> bool:
    claims = {_ISSUER: (issuer,), **{_claim(name): values for name, values in opened.claims.items()}}
    limits = [(texts(operation.get(name)), getattr(opened, name)) for name in ("paths", "methods")]
    return all(_within(some, most) for some, most in limits if most) and all(
        _within(needed.get(name, ()), values) for name, values in claims.items()
    )


def _claim(name: str) -> str:
    """`role` and `realm_access[roles]` as conditions name them."""
    outer, bracket, inner = name.partition("[")
    return f"request.auth.claims[{outer}]{bracket}{inner}"


def _within(some: Iterable[str], most: Iterable[str]) -> bool:
    """Whether there are some, and none but these."""
    found = set(some)
    return bool(found) and found <= set(most)


def _holds(one: ManifestObject, asked: _Asked) -> bool:
    """Whether a policy surely holds for all pods of the gateway."""
    if _is_attached(one):
        return _is_bound(one, asked)
    return part(spec(one), "selector", "matchLabels").items() <= asked.pods.items()


def _may_hold(one: ManifestObject, asked: _Asked) -> bool:
    """Whether a policy can hold for pods of the gateway: these may have labels that nobody selects them by."""
    if _is_attached(one):
        return _is_bound(one, asked)
    selected = labels(part(spec(one), "selector", "matchLabels"))
    return all(asked.pods.get(name, value) == value for name, value in selected.items())


def _is_attached(one: ManifestObject) -> bool:
    """Whether a policy is bound to a Gateway of the Gateway API, or the like, and so to nothing else."""
    return bool(spec(one).get("targetRef") or spec(one).get("targetRefs"))


def _is_bound(one: ManifestObject, asked: _Asked) -> bool:
    """Whether a policy is bound to the gateway, for which both are in one namespace."""
    here = one.key.namespace
    name = asked.pods.get(GATEWAY_NAME)
    return here == asked.gateway.key.namespace and any(
        (ref.get("group"), ref.get("kind"), ref.get("name")) == ("gateway.networking.k8s.io", "Gateway", name)
        and ref.get("namespace") in (None, "", here)
        for ref in (*parts(spec(one).get("targetRefs")), part(spec(one), "targetRef"))
    )


def _finding(tenant: str, asked: _Asked, objects: tuple[ManifestObject, ...], what: str) -> Finding:
    place = asked.gateway.key.namespace
    return finding(
        rules.TOKEN_WEAKENED,
        (tenant,),
        objects,
        witness=f"outside -> {place}, a request without such a token, or with another",
        message=f"{objects[0].key} {what}" if objects[0] is not asked.gateway else f"{asked.gateway.key}: {what}",
    )
