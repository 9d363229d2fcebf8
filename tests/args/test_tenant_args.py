"""Tenants from what users write: defaults, one error for everything that is wrong, and hints."""

import pytest

from tenantmesh.args.gateway import EgressArgs, ExternalServiceArgs, IngressArgs
from tenantmesh.args.parse import parse_grant, parse_mesh, parse_tenant
from tenantmesh.args.sizes import QuotaArgs, ReplicasArgs
from tenantmesh.args.tenant import AccessArgs, TenantArgs
from tenantmesh.errors import ArgsError
from tenantmesh.spec.gateway import ClientTls, GeneratedChain, IssuerKind, NamedIssuer, NamedSecret, ServiceType
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.sharing import ExportSpec, ImportSpec, Peer
from tenantmesh.spec.tenant import Role, TenantSpec


def problems(args, name="acme", **more):
    with pytest.raises(ArgsError) as caught:
        parse_tenant(name, args, **more)
    return list(caught.value.problems)


def test_a_tenant_needs_no_arguments():
    tenant = parse_tenant("acme")
    assert tenant.namespace_names == ["acme"]
    assert tenant.ingress is tenant.egress is tenant.project is None
    assert (tenant.access, tenant.exports, tenant.imports) == ((), (), ())


def test_the_design_example_is_written_with_plain_words():
    tenant = parse_tenant(
        "acme",
        TenantArgs(
            domain="acme.example.com",
            quota=QuotaArgs(cpu="16", memory="64Gi", pods=200),
            ingress=IngressArgs(https_port=443, client_tls="mutual", replicas=ReplicasArgs(minimum=2, maximum=10)),
            egress=EgressArgs(services=[ExternalServiceArgs(host="api.stripe.com", port=443)]),
            access=[AccessArgs(role="developer", groups=["acme-dev"])],
        ),
    )
    assert tenant.ingress is not None
    assert tenant.ingress.client_tls is ClientTls.MUTUAL
    assert tenant.ingress.hosts == ("*.acme.example.com", "acme.example.com")
    assert tenant.access[0].role is Role.DEVELOPER
    assert tenant.quota.cpu == 16_000


def test_words_may_be_enumerations_too():
    tenant = parse_tenant("acme", {"ingress": {"hosts": ["a.example.com"], "service": {"type": ServiceType.NODE_PORT}}})
    assert tenant.ingress is not None
    assert tenant.ingress.service.type is ServiceType.NODE_PORT


def test_every_wrong_field_is_reported_at_once_by_its_path():
    assert problems(
        {
            "quota": {"cpu": "many", "pods": 2.5},
            "ingress": {"https_port": 70000, "client_tls": "mutal"},
            "egress": {"services": [{"host": "api.stripe.com"}, {"port": 443}]},
            "acess": [],
        }
    ) == [
        "tenants.acme.quota.cpu: 'many' is not an amount such as '500m'",
        "tenants.acme.quota.pods: 2.5 is not a count (0-1000000000)",
        "tenants.acme.ingress.https_port: 70000 is not a port (1-65535)",
        "tenants.acme.ingress.client_tls: 'mutal' is none of none, simple, mutual, passthrough: did you mean 'mutual'?",
        "tenants.acme.egress.services[1].host: is missing",
        "tenants.acme.acess: is not known: did you mean 'access'?",
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"quota": 4}, "quota: a int is not a mapping"),
        ({"quota": {"cpu": 4}}, "quota.cpu: 4 is not an amount such as '500m'"),
        ({"quota": {"pods": True}}, "quota.pods: True is not a count"),
        ({"namespaces": "db"}, "namespaces: a str is not a list"),
        ({"settings": {"protect": "yes"}}, "settings.protect: 'yes' is not true or false"),
        ({"egress": {"services": []}}, "egress.services: is empty: name at least 1"),
        ({"domain": "Acme.Example.com"}, "did you mean 'acme.example.com'?"),
        ({"domain": object()}, "domain: object values are not known in time: write text plainly"),
        ({"ingress": {"hosts": ["a.example.com"], "service": {"source_ranges": ["10.1.2.3/8"]}}}, "'10.0.0.0/8'?"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(args, expected):
    assert expected in problems(args)[0]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"ingress": {}}, "ingress.hosts: are missing: name them, or give the tenant a domain"),
        ({"namespaces": [{"name": "db"}, {"name": "db"}]}, "namespaces[1].name: 'db' is there twice"),
        ({"egress": {"services": [{"host": "a.example.com"}] * 2}}, "'a.example.com' is there twice"),
        ({"egress": {"services": [{"host": "db.other.svc.cluster.local"}]}}, "is inside the cluster: import it"),
        ({"ingress": {"hosts": ["*.b.org"]}, "egress": {"services": [{"host": "a.b.org"}]}}, "is the tenant's own"),
        ({"access": [{"role": "viewer", "service_accounts": ["acme-egress"]}]}, "is a gateway's"),
        ({"access": [{"role": "viewer"}]}, "access[0]: names nobody"),
        ({"access": [{"role": "viewer", "groups": ["system:authenticated"]}]}, "is the cluster's own"),
        ({"access": [{"role": "viewer", "service_accounts": ["default"]}]}, "choose another name"),
        ({"quota": {"priority_class_pods": {"system-node-critical": 1}}}, "is the cluster's own"),
        (
            {"quota": {"container": {"cpu": "1", "cpu_request": "2"}}},
            "container.cpu_request: is more than the cpu limit",
        ),
        ({"sharing": {"project": {"name": "p", "tenants": ["acme"]}}}, "is the tenant itself"),
    ],
)
def test_fields_that_do_not_fit_together_are_refused(args, expected):
    assert any(expected in problem for problem in problems(args))


@pytest.mark.parametrize(
    ("ingress", "expected"),
    [
        ({"client_tls": "none", "http_port": 0}, "http_port: is closed and client_tls is none"),
        ({"http_port": 443}, "https_port: is the same as http_port"),
        ({"client_tls": "passthrough", "certificates": {}}, "certificates: has no meaning with client_tls passthrough"),
        ({"service": {"type": "ClusterIP", "http_node_port": 31080}}, "http_node_port: needs type NodePort"),
        ({"client_names": ["ci"]}, "client_names: has a meaning with client_tls mutual only"),
        ({"http_port": 0, "service": {"http_node_port": 31080}}, "has no port behind it"),
        (
            {"certificates": {"secret_name": "a", "issuer": {"name": "b"}}},
            "issuer: is one source and secret_name another",
        ),
        ({"certificates": {"secret_name": "a", "clients": ["c"]}}, "clients: has no meaning with secret_name"),
        ({"certificates": {"validity": {"leaf": 999999}}}, "leaf: is longer than intermediate"),
        ({"replicas": {"minimum": 3, "maximum": 2}}, "maximum: 2 is less than the minimum of 3"),
    ],
)
def test_an_ingress_says_one_thing_only(ingress, expected):
    assert any(expected in problem for problem in problems({"ingress": {"hosts": ["a.example.com"], **ingress}}))


@pytest.mark.parametrize(
    ("certificates", "source"),
    [
        ({}, GeneratedChain()),
        (
            {"epochs": {"ca": 2, "trusted": [2]}, "clients": ["ci"]},
            GeneratedChain(epoch=2, trust_epochs=(2,), clients=("ci",)),
        ),
        ({"secret_name": "mine"}, NamedSecret(name="mine")),
        ({"issuer": {"name": "le", "kind": "ClusterIssuer"}}, NamedIssuer(name="le", kind=IssuerKind.CLUSTER_ISSUER)),
    ],
)
def test_certificates_have_one_of_three_sources(certificates, source):
    tenant = parse_tenant("acme", {"ingress": {"hosts": ["a.example.com"], "certificates": certificates}})
    assert tenant.ingress is not None
    assert tenant.ingress.certificates == source


def test_a_number_that_arrives_as_3_0_is_3():
    assert parse_tenant("acme", {"quota": {"pods": 3.0}}).quota.pods == 3


def test_none_counts_as_not_given():
    assert parse_tenant("acme", {"domain": None, "ingress": None}) == parse_tenant("acme")


def test_a_domain_follows_from_the_meshs():
    assert parse_tenant("acme", {}, MeshSpec(domain="example.com")).domain == "acme.example.com"
    assert parse_tenant("acme", {"domain": "acme.org"}, MeshSpec(domain="example.com")).domain == "acme.org"


def test_a_mesh_in_the_arguments_comes_before_the_programs():
    tenant = parse_tenant("acme", {"settings": {"mesh": {"trust_domain": "one.example"}}}, MeshSpec(trust_domain="two"))
    assert tenant.mesh.trust_domain == "one.example"


def test_a_tenant_may_not_sit_on_the_infrastructure():
    mesh = parse_mesh({"infrastructure": {"observability_namespaces": ["metrics"]}})
    assert problems({}, name="metrics", mesh=mesh) == [
        "tenants.metrics.namespaces: 'metrics' is the mesh's own: choose another name"
    ]


def test_further_namespaces_share_the_quota_and_home_gets_the_rest():
    tenant = parse_tenant(
        "acme",
        {"quota": {"cpu": "10", "pods": 100}, "namespaces": [{"name": "db", "quota": {"cpu": "2"}}, {"name": "x"}]},
    )
    shares = {namespace.part: namespace.quota.amounts for namespace in tenant.namespaces}
    assert {part: (cpu, limit, pods) for part, (cpu, limit, _, _, pods) in shares.items()} == {
        "": (4_667, 18_667, 34),
        "db": (2_000, 8_000, 33),
        "x": (3_333, 13_333, 33),
    }
    assert tuple(map(sum, zip(*shares.values(), strict=True))) == tenant.quota.amounts


def test_namespaces_that_ask_for_more_than_the_tenant_has_are_refused():
    assert "tenants.acme.namespaces: their pods adds up to 31, over the tenant's 30: raise quota.pods" in problems(
        {"namespaces": [{"name": "db", "quota": {"pods": 31}}]}
    )


def test_gateways_that_do_not_fit_the_quota_are_refused_before_the_server_does():
    assert problems({"domain": "a.example.com", "quota": {"pods": 5}, "ingress": {"replicas": {"minimum": 5}}}) == [
        "tenants.acme.quota.pods: the gateways need 6 with the pod that replaces another, and namespace 'acme' has 5: "
        "raise the quota or lower their replicas"
    ]


def test_default_sizes_fit_together():
    args: TenantArgs = {
        "domain": "acme.example.com",
        "namespaces": [{"name": "db"}, {"name": "jobs"}],
        "ingress": {},
        "egress": {"services": [{"host": "api.stripe.com"}]},
    }
    assert isinstance(parse_tenant("acme", args), TenantSpec)


def test_a_grant_gives_each_tenant_its_half():
    grant = parse_grant(
        "reviews",
        {"source": "globex/web", "destination": "acme", "service": "reviews", "ports": [9080], "reason": "stars"},
    )
    owner, caller = parse_tenant("acme", grants=[grant]), parse_tenant("globex", grants=[grant])
    assert owner.exports == (ExportSpec(service="reviews", ports=(9080,), to=(Peer("globex", "web"),), reason="stars"),)
    assert caller.imports == (ImportSpec(owner=Peer("acme"), service="reviews", ports=(9080,), reason="stars"),)
    assert (owner.imports, caller.exports) == ((), ())
    assert parse_tenant("initech", grants=[grant]) == parse_tenant("initech")


def test_a_grant_within_a_tenant_is_refused():
    with pytest.raises(ArgsError, match="within a tenant nothing needs a grant"):
        parse_grant("g", {"source": "a/x", "destination": "a", "service": "s", "ports": [1], "reason": "r"})


@pytest.mark.parametrize(
    ("export", "expected"),
    [
        ({"to": ["acme"]}, "is the tenant itself, which needs no grant"),
        ({"to": ["kube-system"]}, "reserved"),
        ({"to": ["globex/a--b"]}, "separates the parts"),
        ({"namespace": "db"}, "is none of the tenant's namespaces"),
        ({"paths": ["api"]}, "is not a path"),
        ({"paths": ["/a*b"]}, "use '*' at the end only"),
        ({"methods": ["get"]}, "is not an HTTP method"),
        ({"reason": " "}, "is empty"),
        ({"selector": {"kubernetes.io/metadata.name": "x"}}, "is not yours"),
    ],
)
def test_an_export_opens_nothing_by_mistake(export, expected):
    args = {"service": "reviews", "ports": [9080], "to": ["globex"], "reason": "stars", **export}
    assert any(expected in problem for problem in problems({"sharing": {"exports": [args]}}))


def test_one_service_is_exported_to_one_peer_once():
    args = {"service": "reviews", "ports": [9080], "to": ["globex"], "reason": "stars"}
    assert "say both in one export" in problems({"sharing": {"exports": [args, args]}})[0]


def test_tls_of_a_host_that_the_ingress_does_not_have_is_refused():
    tcp = {"db.acme.example.com": {}, "db.other.example.com": {}}
    assert problems({"domain": "acme.example.com", "ingress": {"certificates": {"tcp": tcp}}}) == [
        "tenants.acme.ingress.certificates.tcp.db.other.example.com: "
        "is none of the ingress's hosts (*.acme.example.com, acme.example.com): name one of them"
    ]
