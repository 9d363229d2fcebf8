"""Laws of grants: what two tenants both said is open, and nothing else, in each layer by itself.

The verdicts are worked out here from the objects alone, by the rules of Kubernetes and Istio.
"""

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.args.parse import parse_tenant
from tenantmesh.plan.tenant import plan_tenant
from tenantmesh.spec.sharing import ExportSpec, ImportSpec

SERVICES, PORTS, METHODS, PATHS = ("ratings", "reviews"), (7001, 7002, 7003), ("GET", "POST"), ("/a", "/b")
CALLERS = [("globex", "web"), ("globex", "job"), ("globex--db", "web"), ("initech", "web")]


def some(values: tuple[Any, ...], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=least, unique=True)


EXPORT = st.fixed_dictionaries(
    {
        "service": st.sampled_from(SERVICES),
        "ports": some(PORTS, 1),
        "to": st.sampled_from(["globex", "globex/db", "initech"]).map(lambda peer: [peer]),
        "reason": st.just("why"),
    },
    optional={"methods": some(METHODS, 1), "paths": some(PATHS, 1), "service_accounts": some(("job", "web"), 1)},
)
EXPORTS = st.lists(EXPORT, max_size=4, unique_by=lambda one: (one["service"], *one["to"]))
IMPORT = st.fixed_dictionaries(
    {
        "tenant": st.just("acme"),
        "service": st.sampled_from(SERVICES),
        "ports": some(PORTS, 1),
        "reason": st.just("why"),
    }
)
IMPORTS = st.lists(IMPORT, max_size=2, unique_by=lambda one: one["service"])


def planned(name: str, sharing: dict[str, Any], **args: Any) -> list[Any]:
    return list(plan_tenant(parse_tenant(name, {**args, "sharing": sharing})))


def exports(found: list[Any]) -> tuple[ExportSpec, ...]:
    return parse_tenant("acme", {"sharing": {"exports": found}}).exports


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


# Istio: https://istio.io/latest/docs/reference/config/security/authorization-policy/


def fits(patterns: list[str], value: str) -> bool:
    return any(value == one or (one.endswith("*") and value.startswith(one[:-1])) for one in patterns)


def among(block: dict[str, Any], field: str, value: str) -> bool:
    """A field and its negation: what is absent decides nothing."""
    negated = f"not{field[0].upper()}{field[1:]}"
    return (field not in block or fits(block[field], value)) and not fits(block.get(negated, []), value)


def rule_matches(rule: dict[str, Any], principal: str, port: int, method: str, path: str) -> bool:
    sources = [one["source"] for one in rule.get("from", [])]
    operations = [one["operation"] for one in rule.get("to", [])]
    wanted = {"ports": str(port), "methods": method, "paths": path}
    return (not sources or any(among(source, "principals", principal) for source in sources)) and (
        not operations or any(all(among(one, key, value) for key, value in wanted.items()) for one in operations)
    )


def matching(bodies: list[Any], action: str, app: str, *request: Any) -> bool:
    """Whether a policy of home's pods of an app matches a request."""
    return any(
        rule_matches(rule, *request)
        for body in bodies
        if body["kind"] == "AuthorizationPolicy" and body["metadata"]["namespace"] == "acme"
        if body["spec"]["action"] == action
        and selects(body["spec"].get("selector", {}), {"app.kubernetes.io/name": app})
        for rule in body["spec"]["rules"]
    )


def covers(export: ExportSpec, caller: tuple[str, str], port: int) -> bool:
    namespace, account = caller
    to = [peer.namespace for peer in export.to]
    return namespace in to and port in export.ports and account in (export.service_accounts or (account,))


@given(EXPORTS)
@settings(max_examples=60)
def test_identities_reach_what_was_exported_to_them_and_nothing_else(found):
    bodies, said = planned("acme", {"exports": found}), exports(found)
    for app, caller, port, method, path in itertools.product(SERVICES, CALLERS, PORTS, METHODS, PATHS):
        request = (f"cluster.local/ns/{caller[0]}/sa/{caller[1]}", port, method, path)
        allowed = matching(bodies, "ALLOW", app, *request) and not matching(bodies, "DENY", app, *request)
        granted = any(
            export.service == app
            and covers(export, caller, port)
            and method in (export.methods or METHODS)
            and path in (export.paths or PATHS)
            for export in said
        )
        assert allowed == granted, (app, *request)


@given(EXPORTS)
@settings(max_examples=60)
def test_the_deny_alone_keeps_callers_to_some_export_of_theirs(found):
    """Even where the tenant itself allows everything to everybody."""
    bodies, said = planned("acme", {"exports": found}), exports(found)
    for caller, port, method, path in itertools.product(CALLERS, PORTS, METHODS, PATHS):
        request = (f"cluster.local/ns/{caller[0]}/sa/{caller[1]}", port, method, path)
        theirs = [export for export in said if covers(export, caller, port)]
        granted = any(method in (export.methods or METHODS) for export in theirs)
        granted &= any(path in (export.paths or PATHS) for export in theirs)
        assert matching(bodies, "DENY", "other", *request) != granted, request


# Kubernetes: https://kubernetes.io/docs/concepts/services-networking/network-policies/


def peer_fits(peer: dict[str, Any], namespace: str, labels: dict[str, str]) -> bool:
    if "ipBlock" in peer:
        return False
    expressions = peer["namespaceSelector"]["matchExpressions"]
    return all(namespace in one["values"] for one in expressions) and selects(peer.get("podSelector", {}), labels)


def opened(
    bodies: list[Any], way: str, here: tuple[str, dict[str, str]], there: tuple[str, dict[str, str]], port: int
) -> bool:
    """Whether some policy of a pod lets a connection to or from another pod through; every pod has a default deny."""
    key, peers = ("egress", "to") if way == "Egress" else ("ingress", "from")
    return any(
        any(peer_fits(peer, *there) for peer in rule[peers])
        and ("ports" not in rule or any((one["port"], one["protocol"]) == (port, "TCP") for one in rule["ports"]))
        for body in bodies
        if body["kind"] == "NetworkPolicy" and body["metadata"]["namespace"] == here[0]
        if selects(body["spec"]["podSelector"], here[1])
        for rule in body["spec"].get(key, [])
    )


def bought(one: ImportSpec, app: str, port: int) -> bool:
    return one.service == app and port in one.ports


@given(EXPORTS, IMPORTS)
@settings(max_examples=60)
def test_the_network_is_open_where_both_tenants_said_so_and_nowhere_else(sold, wanted):
    owner = planned("acme", {"exports": sold})
    caller = planned("globex", {"imports": wanted}, namespaces=[{"name": "db"}])
    imports = parse_tenant("globex", {"sharing": {"imports": wanted}}).imports
    for app, namespace, port in itertools.product(SERVICES, ("globex", "globex--db"), PORTS):
        target, source = ("acme", {"app.kubernetes.io/name": app}), (namespace, {"app.kubernetes.io/name": "web"})
        leaves = opened(caller, "Egress", source, target, port)
        enters = opened(owner, "Ingress", target, source, port)
        assert leaves == any(bought(one, app, port) for one in imports)
        assert enters == any(
            export.service == app and namespace in [peer.namespace for peer in export.to] and port in export.ports
            for export in exports(sold)
        )
        assert not opened(owner, "Egress", target, source, port)
        assert not opened(caller, "Ingress", source, target, port)
