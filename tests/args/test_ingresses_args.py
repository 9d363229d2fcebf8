"""Further ingress gateways as users write them: what is read, and what is refused with the field that is wrong."""

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.errors import ArgsError

DOMAIN = {"domain": "acme.example.com", "ingress": {}}
WEB = {"tenant": "acme", "image": "web:1", "ports": [{"port": 8080}]}
QUEUE = {"port": 6379, "protocol": "tcp"}
LIMIT = [{"requests": 10}]
TOKENS = {"issuer": "https://id.example.org", "audiences": ["acme"], "jwks_uri": "https://id.example.org/keys"}
LOGIN = {
    "authorization_endpoint": "https://id.example.org/auth",
    "token_endpoint": "https://id.example.org/token",
    "client_id": "acme",
    "client_secret": "word",
}
PROVIDER = {"host": "id.example.org", "protocol": "https"}


def problems(read):
    with pytest.raises(ArgsError) as caught:
        read()
    return list(caught.value.problems)


def test_they_are_in_the_order_of_their_names_behind_the_main_one():
    spec = parse_tenant("acme", {**DOMAIN, "ingresses": {"staff": {}, "desk": {"hosts": ["d.example.com"]}}, **ROOM})
    assert [one.called for one in spec.ingresses] == ["ingress", "desk", "staff"]
    assert [one.hosts[-1] for one in spec.ingresses] == ["acme.example.com", "d.example.com", "acme.example.com"]


ROOM = {"quota": {"cpu": "20", "memory": "20Gi"}}
REFUSED = [
    ({"domain": "acme.example.com", "ingresses": {"staff": {}}}, "ingresses: are beside the main way in: give ingress"),
    ({**DOMAIN, "ingresses": {"ingress": {}}}, "ingresses.ingress: 'ingress' is what routes call the main one"),
    ({**DOMAIN, "ingresses": {"Staff": {}}}, "did you mean 'staff'?"),
    ({**DOMAIN, "ingresses": {"a--b": {}}}, "ingresses.a--b: 'a--b' has '--'"),
    ({**DOMAIN, "ingresses": {"staff": {"https_prt": 1}}}, "ingresses.staff.https_prt: is not known"),
    ({"ingress": {"hosts": ["a.example.com"]}, "ingresses": {"staff": {}}}, "ingresses.staff.hosts: are missing"),
    (
        {**DOMAIN, "ingresses": {"staff": {"client_tls": "passthrough"}}, "rate_limits": LIMIT},
        "ingresses.staff.client_tls: passthrough shows no requests, which rate_limits count: end TLS there",
    ),
    (
        {
            **DOMAIN,
            "ingresses": {"staff": {"client_tls": "none", "hosts": ["s.example.com"]}},
            "jwt": [{**TOKENS, "login": LOGIN}],
        },
        "ingresses.staff.client_tls: a login's cookies are for TLS that the gateway ends",
    ),
    (
        {
            **DOMAIN,
            "ingresses": {"staff": {}},
            "jwt": [{**TOKENS, "login": LOGIN}],
            "egress": {"services": [{**PROVIDER, "service_accounts": ["acme-ingress"]}]},
        },
        "egress.services[0].service_accounts: the login's gateway is missing: add 'acme-ingress--staff'",
    ),
    (
        {**DOMAIN, "ingresses": {"staff": {"client_tls": "passthrough"}}, "jwt": [TOKENS]},
        "ingresses.staff.client_tls: passthrough shows no tokens",
    ),
    (
        {"domain": "acme.example.com", "ingress": {"client_tls": "passthrough"}, "ingresses": {"staff": {}}},
        "ingresses.staff.certificates: ingress has no chain that could sign them",
    ),
    (
        {**DOMAIN, "ingresses": {"staff": {"certificates": {"epochs": {"ca": 2}}}}},
        "ingresses.staff.certificates: epochs and validity are those of the tenant's chain",
    ),
    (
        {**DOMAIN, "ingresses": {"staff": {"client_tls": "none", "hosts": ["a.acme.example.com"]}}},
        "ingresses.staff.client_tls: 'a.acme.example.com' is at 'ingress' too",
    ),
    (
        {
            "domain": "acme.example.com",
            "ingress": {"service": {"type": "NodePort", "https_node_port": 31443}},
            "ingresses": {"staff": {"service": {"type": "NodePort", "http_node_port": 31443}}},
        },
        "ingresses.staff.service.http_node_port: 31443 is taken by 'ingress'",
    ),
    (
        {**DOMAIN, "ingresses": {"staff": {}}, "egress": {"services": [{"host": "x.acme.example.com"}]}},
        "egress.services[0].host: 'x.acme.example.com' is the tenant's own",
    ),
    (
        {
            **DOMAIN,
            "ingresses": {"staff": {}},
            "access": [{"role": "viewer", "service_accounts": ["acme-egress"]}],
        },
        "'acme-egress' is a gateway's",
    ),
    ({**DOMAIN, "ingresses": {"a": {}, "b": {}}}, "quota.memory: the gateways need 9Gi"),
]


@pytest.mark.parametrize(("args", "expected"), REFUSED)
def test_what_does_not_fit_is_refused_with_its_field(args, expected):
    found = problems(lambda: parse_tenant("acme", args))
    assert any(expected in one for one in found), found


def test_plain_http_is_for_hosts_of_its_own():
    args = {**DOMAIN, "ingress": {"hosts": ["a.example.com"]}}
    spec = parse_tenant("acme", {**args, "ingresses": {"probes": {"client_tls": "none", "hosts": ["b.example.com"]}}})
    assert [one.client_tls for one in spec.ingresses] == ["simple", "none"]


ROUTES = [
    ({"host": "acme.example.com", "ingresses": ["staf"]}, WEB, "did you mean 'staff'?"),
    ({"host": "acme.example.com", "ingresses": []}, WEB, "routes[0].ingresses: is empty"),
    (
        {"host": "acme.example.com", "ingresses": ["staff"]},
        WEB,
        "is none of the hosts of ingress 'staff' (s.example.com)",
    ),
    ({"host": "s.example.com"}, WEB, "is none of the ingress's hosts"),
    ({"host": "s.example.com", "ingresses": ["staff"]}, {**WEB, "ports": [QUEUE]}, "is the ingress's for HTTP"),
]


@pytest.mark.parametrize(("route", "app", "expected"), ROUTES)
def test_a_route_fits_each_gateway_that_it_names(route, app, expected):
    tenant = parse_tenant("acme", {**DOMAIN, "ingresses": {"staff": {"hosts": ["s.example.com"]}}})
    found = problems(lambda: parse_app("web", {**app, "routes": [route]}, tenant))
    assert any(expected in one for one in found), found


def test_a_route_is_for_the_main_gateway_unless_it_says_otherwise():
    tenant = parse_tenant("acme", {**DOMAIN, "ingresses": {"staff": {}}})
    app = parse_app("web", {**WEB, "routes": [{"host": "acme.example.com"}]}, tenant)
    assert (len(app.through("ingress")), app.through("staff")) == (1, ())


def test_two_gateways_may_have_a_tcp_app_of_one_name_each():
    tenant = parse_tenant("acme", {**DOMAIN, "ingresses": {"staff": {}}})
    routes = [{"host": "q.acme.example.com", "ingresses": [name]} for name in ("ingress", "staff")]
    assert parse_app("web", {**WEB, "ports": [QUEUE], "routes": routes}, tenant)
