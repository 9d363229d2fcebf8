"""Further ingress gateways: each is what the main one is, with its own name, and changes nothing of the others."""

import json

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.manifest import ObjectKey
from tenantmesh.plan.certificates import CertificateMaterial, Leaf, plan_chain
from tenantmesh.plan.tenant import plan_app, plan_tenant
from tenantmesh.spec.tenant import claims_of

JWT = [{"issuer": "https://id.example.org", "audiences": ["acme"], "jwks_uri": "https://id.example.org/keys"}]
CLOSED = {"client_tls": "mutual", "service": {"source_ranges": ["203.0.113.0/24"]}, "replicas": {"minimum": 1}}
KINDS = {
    "generated": {"certificates": {"clients": ["ci"]}, **CLOSED},
    "issued": {"certificates": {"issuer": {"name": "ours"}}, **CLOSED},
    "passed on": {"client_tls": "passthrough", "service": {"type": "NodePort"}},
    "plain": {"client_tls": "none", "http_port": 8000, "resources": {"cpu": "1"}},
}
SMALL = {"replicas": {"minimum": 1}}
LEAF = Leaf(chain="chain", key="key")
ROUTE = {"host": "a.example.com"}
APP = {"tenant": "acme", "image": "web:1", "ports": [{"port": 8080, "callers": ["cron"]}]}


def tenant(ingress, names=("corp",), **more):
    """One whose main gateway is at a.example.com, and whose further ones are alike but for the host."""
    ingresses = {name: {**ingress, "hosts": [f"{name}.example.com"]} for name in names}
    given = {"ingresses": ingresses} if names else {}
    quota = {"cpu": "20", "memory": "20Gi"}
    return (
        {"domain": "acme.example.org", "ingress": {**ingress, "hosts": ["a.example.com"]}, "quota": quota}
        | given
        | more
    )


def planned(args, app=None):
    spec = parse_tenant("acme", args)
    chain = plan_chain(spec)
    material = None
    if chain:
        clients, further = dict.fromkeys(chain.clients, LEAF), dict.fromkeys(chain.further, LEAF)
        material = CertificateMaterial(roots="roots", server=LEAF, clients=clients, further=further)
    bodies = [*plan_tenant(spec, material), *(plan_app(parse_app("web", app, spec), spec) if app else ())]
    found = {ObjectKey.of(body): body for body in bodies}
    assert len(found) == len(bodies)
    return found


def as_main(body):
    """A further gateway's object as it would be the main one's."""
    text = json.dumps(body)
    for old, new in SAME.items():
        text = text.replace(old, new)
    return json.loads(text)


SAME = {
    "acme-ingress--corp--web--corp-example-com": "web--a-example-com",
    "acme--client--corp--": "acme--client--",
    ".corp.clients.": ".clients.",
    "--corp": "",
    "corp.example.com": "a.example.com",
}
LIKE_IT = [(kind, jwt) for kind in KINDS for jwt in ([], JWT) if not (jwt and kind == "passed on")]


@pytest.mark.parametrize(("kind", "jwt"), LIKE_IT)
def test_a_further_gateway_is_the_twin_of_the_main_one(kind, jwt):
    """All that a gateway adds to a tenant, a further one adds too, and to the letter but for names and hosts."""
    routed = {**APP, "routes": [ROUTE]}
    both = {**APP, "routes": [ROUTE, {"host": "corp.example.com", "ingresses": ["corp"]}]}
    locked = planned({}, APP)
    one, two = planned(tenant(KINDS[kind], (), jwt=jwt), routed), planned(tenant(KINDS[kind], jwt=jwt), both)
    more = {ObjectKey.of(made): made for made in (as_main(two[key]) for key in two.keys() - one.keys())}
    assert more == {key: body for key, body in one.items() if key not in locked}
    changed = {(key.kind, key.name) for key, body in one.items() if two[key] != body}
    assert changed <= {("AuthorizationPolicy", "callers--web"), ("Namespace", "acme"), ("ResourceQuota", "tenant")}


def test_names_say_whose_and_which_and_are_cut_where_they_are_too_long():
    """No tenant and no gateway has `--` in its name, so that no two of them meet."""
    spec = parse_tenant("a" * 40, {"domain": "acme.example.com", "ingress": {}, "ingresses": {"b" * 40: {}}})
    bodies = plan_tenant(spec)
    (service,) = [
        one["metadata"]["name"] for one in bodies if one["kind"] == "Service" and "b" in one["metadata"]["name"]
    ]
    assert len(service) <= 63
    (pods,) = [one for one in bodies if (one["kind"], one["metadata"]["name"]) == ("Deployment", service)]
    assert pods["spec"]["selector"]["matchLabels"] == {"istio": service}


def test_numbers_of_all_gateways_are_counted_as_those_of_the_ingress():
    two = planned(tenant({}))
    labels = [
        body["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]
        for key, body in two.items()
        if key.kind == "Deployment"
    ]
    assert labels == ["ingress", "ingress"]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("LoadBalancer", "LoadBalancer"), ("2", "4")),
        (("LoadBalancer", "NodePort"), ("1", "4")),
        (("ClusterIP", "NodePort"), ("0", "2")),
    ],
)
def test_the_quota_has_what_all_gateways_take(types, expected):
    main, further = ({"service": {"type": one}} for one in types)
    args = {"domain": "acme.example.com", "ingress": main, "ingresses": {"corp": further}}
    hard = next(
        body["spec"]["hard"]
        for key, body in planned(args).items()
        if key.name == "tenant" and "hard" in body.get("spec", {})
    )
    assert (hard["services.loadbalancers"], hard["services.nodeports"]) == expected


def test_an_admin_changes_all_gateways_that_are_there():
    access = [{"role": "admin", "groups": ["ops"]}]
    found = planned({**tenant({}), "access": access})
    (role,) = [body for key, body in found.items() if (key.kind, key.name) == ("Role", "tenant-admin")]
    named = {tuple(rule["resourceNames"]) for rule in role["rules"] if "resourceNames" in rule}
    assert named == {("acme-ingress", "acme-ingress--corp")}


def test_hosts_and_node_ports_of_all_gateways_have_one_owner():
    ingress = {"hosts": ["b.example.com"], "service": {"type": "NodePort", "https_node_port": 31443}}
    spec = parse_tenant("acme", {"ingress": {"hosts": ["a.example.com"]}, "ingresses": {"corp": ingress}})
    assert {claim.value for claim in claims_of(spec)} >= {"a.example.com", "b.example.com", "31443"}


def test_a_host_at_two_gateways_has_the_dns_record_of_the_first():
    """A second address would have clients of one network led to the gateway of the other."""
    key = "external-dns.alpha.kubernetes.io/hostname"
    args = {
        "domain": "acme.example.com",
        "ingress": {},
        "ingresses": {"corp": SMALL, "desk": {"hosts": ["d.example.com"], **SMALL}},
    }
    found = {one.name: body for one, body in planned(args).items() if one.kind == "Service"}
    assert {name: body["metadata"]["annotations"].get(key) for name, body in found.items()} == {
        "acme-ingress": "*.acme.example.com,acme.example.com",
        "acme-ingress--corp": None,
        "acme-ingress--desk": "d.example.com",
    }


def test_a_route_is_at_the_gateways_that_it_names_and_at_no_other():
    routes = [
        {"host": "x.acme.example.com", "paths": [f"/{name}"], "ingresses": names} for name, names in ROUTES.items()
    ]
    args = {"domain": "acme.example.com", "ingress": {}, "ingresses": {"corp": {}}}
    found = planned(args, {**APP, "routes": routes})
    paths = {
        body["spec"]["gateways"][0]: {
            match["uri"]["exact"] for http in body["spec"]["http"] for match in http["match"] if "exact" in match["uri"]
        }
        for key, body in found.items()
        if key.kind == "VirtualService"
    }
    assert paths == {"acme/acme-ingress": {"/main", "/both"}, "acme/acme-ingress--corp": {"/corp", "/both"}}


ROUTES = {"main": ["ingress"], "corp": ["corp"], "both": ["corp", "ingress"]}


def test_a_port_with_callers_is_open_to_the_gateways_that_lead_to_it():
    args = {"domain": "acme.example.com", "ingress": {}, "ingresses": {"corp": SMALL, "desk": SMALL}}
    found = planned(args, {**APP, "routes": [{"host": "acme.example.com", "ingresses": ["corp"]}]})
    (policy,) = [body for key, body in found.items() if key.name == "callers--web"]
    known = policy["spec"]["rules"][0]["from"][0]["source"]["notPrincipals"]
    assert known == ["cluster.local/ns/acme/sa/cron", "cluster.local/ns/acme/sa/acme-ingress--corp"]


def test_leaves_are_of_one_chain_and_clients_of_one_gateway_are_not_the_others():
    ingress = {"client_tls": "mutual", "certificates": {"clients": ["ci"]}}
    args = {"domain": "acme.example.com", "ingress": ingress, "ingresses": {"corp": ingress}}
    chain = plan_chain(parse_tenant("acme", args))
    assert chain is not None
    found = {one.name: one for one in chain.requests}
    assert {one.signer for one in found.values() if not one.authority} == {chain.intermediate}
    assert found[chain.clients["ci"]].dns_names == ("ci.clients.acme.example.com",)
    assert found[chain.clients["corp/ci"]].dns_names == ("ci.corp.clients.acme.example.com",)
    assert {chain.server, *chain.further.values()} == {"acme/server-1-1", "acme/server-1-1-corp"}
