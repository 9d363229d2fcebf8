"""Apps from what users write, held to their tenant."""

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.errors import ArgsError
from tenantmesh.spec.app import RouteSpec, VersionSpec
from tenantmesh.spec.gateway import ReplicasSpec

TENANT = parse_tenant(
    "acme",
    {
        "domain": "acme.example.com",
        "ingress": {},
        "namespaces": [{"name": "db"}],
        "settings": {"gateway_namespace": "gateway"},
        "access": [{"role": "viewer", "service_accounts": ["ci"]}],
        "quota": {"container": {"cpu_maximum": "1"}},
    },
)
TCP, DB = {"port": 6379, "protocol": "tcp"}, {"host": "db.acme.example.com"}
WEB = {"tenant": "acme", "image": "web:1", "ports": [{"port": 8080}]}


def problems(args, name="web", tenant=TENANT):
    with pytest.raises(ArgsError) as caught:
        parse_app(name, args, tenant)
    return list(caught.value.problems)


def test_an_image_is_an_app_with_one_version():
    app = parse_app("web", WEB, TENANT)
    assert app.versions == (VersionSpec(name="v1", image="web:1"),)
    assert app.replicas == ReplicasSpec(minimum=1)
    assert app.namespace == "acme"


def test_an_app_may_run_in_a_further_namespace():
    assert parse_app("web", {**WEB, "namespace": "db"}, TENANT).namespace == "acme--db"


def test_an_opaque_value_flows_through_where_values_may():
    leaf = object()
    app = parse_app("web", {**WEB, "image": leaf, "container": {"secrets": {"PASSWORD": leaf}}}, TENANT)
    assert app.versions[0].image is leaf
    assert app.container.secrets == (("PASSWORD", leaf),)


def test_a_wrong_secret_is_not_shown():
    assert problems({**WEB, "container": {"secrets": {"PIN": 1234}}}) == [
        "apps.web.container.secrets.PIN: a int is not text: write it in quotes"
    ]


def test_a_secret_in_the_wrong_place_is_not_shown():
    assert problems({**WEB, "container": {"secrets": "sesame", "writable": "sesame"}}) == [
        "apps.web.container.secrets: a str is not a mapping",
        "apps.web.container.writable: a str is not a list",
    ]


def test_exact_paths_alone_let_no_prefix_in():
    app = parse_app("web", {**WEB, "routes": [{"host": "acme.example.com", "exact_paths": ["/login"]}]}, TENANT)
    assert app.routes == (RouteSpec(host="acme.example.com", paths=(), exact_paths=("/login",)),)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"image": None}, "image: is missing: give it, or versions"),
        ({"versions": [{"name": "v1", "image": "i"}]}, "versions: name their images themselves"),
        ({"ports": [{"port": 80}]}, "target: is missing: pods can't listen below 1024"),
        ({"ports": [{"port": 8080}, {"port": 8080}]}, "ports: 'http-8080' is there twice"),
        ({"ports": [{"port": 8080, "name": "a-very-long-port-name"}]}, "has over 15 characters"),
        ({"ports": [], "routes": [{"host": "acme.example.com"}]}, "routes: need a port to go to"),
        ({"routes": [{"host": "acme.example.com", "port": 1}]}, "routes: 1 is none of the App's ports"),
        ({"routes": [{"host": "acme.example.com"}] * 2}, "routes: acme.example.com/ is there twice"),
        ({"container": {"env": {"1X": "y"}}}, "is not the name of a variable"),
        ({"container": {"writable": ["../x"]}}, "is not an absolute path"),
    ],
)
def test_an_app_that_could_not_run_is_refused(args, expected):
    assert any(expected in problem for problem in problems({**WEB, **args}))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"tenant": "globex"}, "tenant: 'globex' is not 'acme'"),
        ({"namespace": "nowhere"}, "is none of the namespaces of tenant 'acme'"),
        ({"namespace": "gateway"}, "holds the gateways and their keys"),
        ({"routes": [{"host": "globex.example.com"}]}, "is none of the ingress's hosts"),
        ({"routes": [{"host": "acme.example.com", "paths": ["/a*"]}]}, "paths are prefixes as they are"),
        ({"ports": [TCP], "routes": [{"host": "acme.example.com"}]}, "is the ingress's for HTTP: choose a name under"),
        (
            {"ports": [TCP], "routes": [{"host": "db.acme.example.com", "paths": ["/x"]}]},
            "carries no HTTP",
        ),
        ({"ports": [TCP, *WEB["ports"]], "routes": [DB, {**DB, "port": 8080, "paths": ["/x"]}]}, "leads elsewhere too"),
        ({"ports": [{"port": 8200, "protocol": "tls"}], "routes": [DB]}, "with mode passthrough"),
        (
            {"container": {"resources": {"cpu_limit": "2"}}},
            "cpu_limit: is more than a container of the tenant may have",
        ),
    ],
)
def test_an_app_is_held_to_its_tenant(args, expected):
    assert any(expected in problem for problem in problems({**WEB, **args}))


@pytest.mark.parametrize("name", ["ci", "default", "acme-ingress"])
def test_an_app_does_not_take_a_service_account_that_is_there(name):
    assert "is a service account of the tenant already" in problems(WEB, name=name)[0]


def test_without_an_ingress_there_is_no_route():
    assert "has no ingress" in problems({**WEB, "routes": [{"host": "a.example.com"}]}, tenant=parse_tenant("acme"))[0]


def test_where_tls_passes_through_paths_can_not_be_seen():
    tenant = parse_tenant("acme", {"domain": "acme.example.com", "ingress": {"client_tls": "passthrough"}})
    args = {**WEB, "routes": [{"host": "acme.example.com", "paths": ["/api"]}]}
    assert "can't be seen where TLS passes through" in problems(args, tenant=tenant)[0]
