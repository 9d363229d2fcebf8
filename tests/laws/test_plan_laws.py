"""Laws of plans: a function, with no opening that no argument asked for, and no tenant that changes another."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.args.parse import parse_tenant
from tenantmesh.plan.tenant import plan_tenant

PEOPLE = st.lists(st.sampled_from(["dev", "ops"]), max_size=2, unique=True)
PEERS = st.lists(st.sampled_from(["globex", "globex/db", "initech"]), min_size=1, max_size=3, unique=True)
PORTS = st.lists(st.integers(1024, 1030), min_size=1, max_size=3)


def fields(required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required or {}, optional=optional)


SERVICE = fields(
    type=st.sampled_from(["LoadBalancer", "NodePort", "ClusterIP"]),
    source_ranges=st.just(["203.0.113.0/24"]),
    allocate_node_ports=st.booleans(),
)
INGRESS = fields(
    {"hosts": st.just(["shop.example.com", "*.acme.example.com"])},
    client_tls=st.sampled_from(["none", "simple", "mutual", "passthrough"]),
    service=SERVICE,
    replicas=st.just({"minimum": 1}),
)
EXTERNAL = st.lists(st.sampled_from(["api.example.org", "b.example.net"]), min_size=1, unique=True).flatmap(
    lambda hosts: st.tuples(
        *(fields({"host": st.just(host)}, protocol=st.sampled_from(["tls", "https"])) for host in hosts)
    ).map(list)
)
ONE = {"minimum": 1}
EGRESSES = st.builds(
    lambda services, corporate: {
        "services": [*services, {"host": "ledger.example.org", "gateway": "corporate"}],
        "gateways": {"corporate": {"replicas": ONE, **corporate}},
        **({"replicas": ONE} if services else {}),
    },
    st.just([]) | EXTERNAL,
    fields(destination_ranges=st.just(["203.0.113.0/24"])),
)
EXPORT = fields(
    {"service": st.just("reviews"), "ports": PORTS, "to": PEERS, "reason": st.just("stars")},
    methods=st.just(["GET"]),
    service_accounts=st.just(["web"]),
)
IMPORT = fields(
    {
        "tenant": st.sampled_from(["globex", "initech/db"]),
        "service": st.just("pg"),
        "ports": PORTS,
        "reason": st.just("x"),
    }
)
SHARING = fields(
    project=fields({"name": st.just("shop"), "tenants": PEERS}),
    exports=st.lists(EXPORT, max_size=1),
    imports=st.lists(IMPORT, max_size=1),
)
ARGS = fields(
    namespaces=st.sampled_from([[], [{"name": "db"}], [{"name": "db"}, {"name": "jobs"}]]),
    quota=st.just({"cpu": "20", "memory": "40Gi", "pods": 100}),
    ingress=INGRESS,
    egress=fields({"services": EXTERNAL}, replicas=st.just({"minimum": 1})) | EGRESSES,
    access=st.lists(fields({"role": st.sampled_from(["admin", "viewer"]), "groups": st.just(["dev"])}), max_size=2),
    sharing=SHARING,
    settings=fields(gateway_namespace=st.just("gateway")),
)


def bodies(name: str, args: dict[str, Any]) -> list[Any]:
    return list(plan_tenant(parse_tenant(name, args)))


def turned(value: Any) -> Any:
    """The same arguments, written in the opposite order of keys."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(item) for item in value] if isinstance(value, list) else value


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def namespaces_named(found: list[Any]) -> set[str]:
    """Every namespace that some policy, route or scope of the plan lets in or out."""
    named: set[str] = set()
    for body in found:
        spec = body.get("spec", {})
        if body["kind"] == "NetworkPolicy":
            peers = [p for r in spec.get("ingress", []) for p in r.get("from", [])]
            peers += [p for r in spec.get("egress", []) for p in r["to"]]
            for peer in peers:
                named.update(
                    strings(peer.get("namespaceSelector", {}).get("matchExpressions", [{}])[0].get("values", []))
                )
        if body["kind"] == "AuthorizationPolicy":
            named.update(text.split("/")[2] for text in strings(spec) if "/ns/" in text)
        if body["kind"] in ("Sidecar", "Gateway"):
            hosts = [host for part in spec.get("egress", spec.get("servers", [])) for host in part["hosts"]]
            named.update(host.partition("/")[0] for host in hosts)
        named.update(body["metadata"].get("annotations", {}).get("networking.istio.io/exportTo", "").split(","))
        named.update(spec.get("exportTo", []))
    return named - {""}


def namespaces_said(args: dict[str, Any]) -> set[str]:
    """Every other tenant's namespace that the arguments name."""
    sharing = args.get("sharing", {})
    said = list(sharing.get("project", {}).get("tenants", []))
    said += [peer for export in sharing.get("exports", []) for peer in export["to"]]
    said += [one["tenant"] for one in sharing.get("imports", [])]
    return {peer.replace("/", "--") for peer in said}


@given(ARGS)
@settings(max_examples=150)
def test_a_plan_is_a_function_of_what_was_written(args):
    """Same arguments, same bytes, in whichever order they were written."""
    assert json.dumps(bodies("acme", args)) == json.dumps(bodies("acme", turned(args)))


@given(ARGS)
@settings(max_examples=150)
def test_no_namespace_is_let_in_or_out_that_no_argument_names(args):
    own = {"acme", *(f"acme--{one['name']}" for one in args.get("namespaces", []))}
    own |= {"acme--gateway"} if "gateway_namespace" in args.get("settings", {}) else set()
    infrastructure = {"istio-system", "kube-system", "monitoring"}
    assert namespaces_named(bodies("acme", args)) == own | infrastructure | namespaces_said(args)


@given(ARGS)
@settings(max_examples=150)
def test_every_opening_needs_its_argument(args):
    found = bodies("acme", args)
    kinds = {body["kind"] for body in found}
    network = [body["spec"] for body in found if body["kind"] == "NetworkPolicy"]
    anybody = [spec for spec in network for rule in spec.get("ingress", []) if "from" not in rule]
    outside = [spec for spec in network for rule in spec.get("egress", []) for peer in rule["to"] if "ipBlock" in peer]
    exposed = {body["spec"]["type"] for body in found if body["kind"] == "Service"} - {"ClusterIP"}
    assert bool(anybody) <= ("ingress" in args)
    assert bool(outside) == ("egress" in args)
    assert bool(exposed) <= ("ingress" in args)
    assert ("ServiceEntry" in kinds) == ("egress" in args)
    assert ("Gateway" in kinds) == ("ingress" in args or "egress" in args)
    roles = {body["metadata"]["name"] for body in found if body["kind"] == "RoleBinding"} - {"acme-ingress"}
    assert bool(roles) == bool(args.get("access"))


@given(ARGS)
@settings(max_examples=150)
def test_the_fence_stands_whatever_is_written(args):
    """Each namespace keeps its DENY, its strictness, its default deny, its scope and its quota."""
    tenant = parse_tenant("acme", args)
    found = {
        (body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]) for body in plan_tenant(tenant)
    }
    fence = {("AuthorizationPolicy", "fence"), ("PeerAuthentication", "default"), ("NetworkPolicy", "default-deny")}
    fence |= {
        ("Sidecar", "default"),
        ("ResourceQuota", "tenant"),
        ("LimitRange", "tenant"),
        ("ServiceAccount", "default"),
    }
    assert {(kind, space, name) for kind, name in fence for space in tenant.namespace_names} <= found


@given(ARGS)
@settings(max_examples=150)
def test_no_object_is_there_twice_and_none_is_outside_the_tenant(args):
    found = bodies("acme", args)
    keys = [(body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]) for body in found]
    assert len(set(keys)) == len(keys)
    own = set(parse_tenant("acme", args).namespace_names)
    assert {space or name for _, space, name in keys} == own


@given(
    st.lists(st.tuples(st.sampled_from(["acme", "umbrella", "wayne"]), ARGS), unique_by=lambda one: one[0]), st.data()
)
@settings(max_examples=100)
def test_tenants_change_nothing_of_one_another_in_whichever_order(tenants, data):
    alone = {name: json.dumps(bodies(name, args)) for name, args in tenants}
    together = data.draw(st.permutations(tenants))
    assert {name: json.dumps(bodies(name, args)) for name, args in together} == alone


@given(ARGS)
@settings(max_examples=100)
def test_namespaces_share_the_quota_and_never_more(args):
    tenant = parse_tenant("acme", args)
    shares = zip(*(namespace.quota.amounts for namespace in tenant.namespaces), strict=True)
    assert tuple(map(sum, shares)) == tenant.quota.amounts
