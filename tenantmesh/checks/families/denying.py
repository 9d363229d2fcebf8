"""What is kept out by no DENY but only for want of an ALLOW: strangers, and what callers were not granted."""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.grants import Word
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.granting import concrete
from tenantmesh.checks.layers import Flow
from tenantmesh.checks.outcome import deciders, finding
from tenantmesh.checks.parts import part, parts, spec
from tenantmesh.checks.rules import isolation as rules
from tenantmesh.checks.witness import pod_in, stranger
from tenantmesh.graph.flow import Proxy, Request, Workload
from tenantmesh.graph.verdict import Answer, Effect

ANY_PORT = 65534
"""A port that no policy names, for what holds on all others."""
_MEMBERS = (Proxy.AMBIENT, Proxy.SIDECAR)
_NAMESPACE = re.compile(r"/ns/([^/]+)/")
_METHODS = ("DELETE", "PATCH", "PUT", "POST", "GET", "HEAD", "OPTIONS", "TRACE", "CONNECT")
_PATH = "/tenantmesh-probe"

_Kept = tuple[str, Workload, Request]
"""Whom or what something keeps out, with one request that is kept out."""


def without_deny(context: Context, tenant: str, namespace: str) -> Iterator[Finding]:
    """Who is kept out, but by no DENY; one who is let in is found by his way in."""
    if context.proxy_in(namespace) not in _MEMBERS:
        return
    target = pod_in(context, namespace)
    said: set[str] = set()
    for who, source, request in _kept(context, tenant, namespace):
        verdict = context.layers.identity.verdict(source, target, request)
        denying = deciders(verdict.evidence, Effect.DENIES)
        denied = verdict.answer is Answer.DENIED and not any(spec(one).get("action") == "DENY" for one in denying)
        if denied and who not in said:
            said.add(who)
            allows = [one for one in denying if one.key.kind == "AuthorizationPolicy"]
            yield finding(
                rules.DENY_MISSING,
                (tenant,),
                allows or context.namespace_object(namespace),
                witness=f"a new ALLOW for everybody, and then {Flow(source, target, request)}",
                message=f"namespace {namespace}: no DENY keeps {who} out, only that no ALLOW lets them in",
            )


def _kept(context: Context, tenant: str, namespace: str) -> Iterator[_Kept]:
    yield "strangers", stranger(context), Request(port=ANY_PORT)
    for name in sorted(_exempted(context, tenant, namespace)):
        pod = pod_in(context, name)
        yield f"pods of {name}", pod, Request(port=ANY_PORT)
        words = context.intent.exported.get(namespace, {}).get(name, ())
        for account in ("", *dict.fromkeys(account for word in words for account in word.service_accounts)):
            some = [word for word in words if not word.service_accounts or account in word.service_accounts]
            caller = replace(pod, service_account=account) if account else pod
            yield from ((f"{what} of {name}", caller, request) for what, request in _beyond(some))


def _beyond(words: Iterable[Word]) -> Iterator[tuple[str, Request]]:
    """On each port, a method and a path that no word for it names; one that restricts neither permits both."""
    some = tuple(words)
    for port in sorted({port for word in some for port in word.ports}):
        here = [word for word in some if not word.ports or port in word.ports]
        methods, paths = _all([word.methods for word in here]), _all([word.paths for word in here])
        if methods:
            method = next((one for one in _METHODS if one not in methods), "TRACE")
            yield "other methods", Request(port=port, method=method, path=concrete((*paths, "/")[0]))
        if paths:
            yield "other paths", Request(port=port, method=(*methods, "GET")[0], path=_PATH)


def _all(said: list[tuple[str, ...]]) -> list[str]:
    """All that was said together; nothing where somebody restricts nothing."""
    return [one for some in said for one in some] if all(said) else []


def _exempted(context: Context, tenant: str, namespace: str) -> set[str]:
    """The namespaces that a DENY names as those it spares, but for the tenant's own and those that may do anything."""
    said = context.intent.exported.get(namespace, {})
    everything = {name for name, words in said.items() if any(not word.ports for word in words)}
    spared: set[str] = set()
    for one in context.cluster.objects("security.istio.io", "AuthorizationPolicy").get(namespace, ()):
        if spec(one).get("action") == "DENY":
            for rule in parts(spec(one).get("rules")):
                for entry in parts(rule.get("from")):
                    source = part(entry, "source")
                    spared |= {str(name) for name in source.get("notNamespaces") or ()}
                    for principal in source.get("notPrincipals") or ():
                        spared |= set(_NAMESPACE.findall(str(principal)))
    return {name for name in spared if "*" not in name} - set(context.intent.tenants[tenant]) - everything
