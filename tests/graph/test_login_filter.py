"""The filter of a login is understood as the library plans it; every other is not, however small the difference."""

import copy

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.graph.bypass import Bypass, Bypasses
from tenantmesh.graph.envoyfilters import understood
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.plan.tenant import plan_tenant
from tests.args.test_login_args import JWT, LOGIN, PROVIDER
from tests.graph.pods import cluster, container, deployment, namespace

MESH = MeshSettings()
FREE = (
    "address",
    "allowed_redirect_domains",
    "auth_scopes",
    "authorization_endpoint",
    "client_id",
    "cluster",
    "cluster_name",
    "cookie_names",
    "exact",
    "labels",
    "name",
    "portNumber",
    "port_value",
    "redirect_uri",
    "sni",
    "timeout",
    "connect_timeout",
    "uri",
)
"""Fields that differ between tenants: another value of the same kind may be another tenant's."""


def planned(name="acme", **args):
    usual = {"domain": f"{name}.example.com", "ingress": {}, "egress": {"services": [PROVIDER]}}
    spec = parse_tenant(name, {**usual, "jwt": [{**JWT, "login": LOGIN}], **args})
    return copy.deepcopy(next(body for body in plan_tenant(spec) if body["kind"] == "EnvoyFilter"))


def places(value, path=()):
    """Every place in a value, with the path there."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(body, path, change):
    """A copy with a change at one place, whose parent and key `change` gets."""
    other = copy.deepcopy(body)
    parent = other
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return other


def drop(parent, key):
    del parent[key]


def mistype(parent, key):
    parent[key] = 7.5


def add(parent, key):
    parent[key]["novel"] = True


def alter(parent, key):
    value = parent[key]
    parent[key] = not value if isinstance(value, bool) else value + (1 if isinstance(value, int) else "x")


def spec_of(body):
    return [(path, value) for path, value in places(body) if path and path[0] == "spec"]


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"ingress": {"client_tls": "mutual", "hosts": ["a.example.com", "*.b.example.com"]}},
        {"settings": {"gateway_namespace": "gateway"}},
        {"jwt": [{**JWT, "login": {**LOGIN, "scopes": ["a", "b"], "redirect_path": "/in", "sign_out_path": "/out"}}]},
    ],
)
def test_it_is_understood_as_it_is_planned(args):
    assert understood(planned(**args), MESH)


def test_it_is_not_in_the_root_namespace_or_of_another_mesh():
    body = planned()
    assert not understood({**body, "metadata": {**body["metadata"], "namespace": "istio-system"}}, MESH)
    assert not understood(planned(settings={"mesh": {"trust_domain": "other.example.com"}}), MESH)


def test_it_is_not_in_a_namespace_that_it_leads_out_of():
    body = planned()
    assert not understood({**body, "metadata": {**body["metadata"], "namespace": "globex"}}, MESH)


def test_no_field_may_be_missing_of_another_type_or_further():
    body, seen = planned(), 0
    for path, value in spec_of(body):
        if not (len(path) == 3 and path[1] == "configPatches") and path[-2:-1] not in (
            ("labels",),
            ("allowed_redirect_domains",),
            ("auth_scopes",),
        ):
            # Each patch and each label, host and scope is understood by itself.
            other = changed(body, path, drop)
            assert not understood(other, MESH), ("missing", path)
        assert not understood(changed(body, path, mistype), MESH), ("type", path)
        if isinstance(value, dict) and path[-1] != "labels":
            assert not understood(changed(body, path, add), MESH), ("further", path)
        seen += 1
    assert seen > 150


def test_no_fixed_value_may_be_another():
    body, seen = planned(), 0
    for path, value in spec_of(body):
        if isinstance(value, dict | list) or any(part in FREE for part in path[-2:]):
            continue
        assert not understood(changed(body, path, alter), MESH), path
        seen += 1
    assert seen > 40


CONFIG = ("spec", "configPatches", 2, "patch", "value", "typed_config", "config")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*CONFIG, "pass_through_matcher", 0, "name"), "cookie"),
        ((*CONFIG, "pass_through_matcher", 0, "string_match"), {"prefix": ""}),
        ((*CONFIG, "token_endpoint", "cluster"), "outbound|80||shop.globex.svc.cluster.local"),
        ((*CONFIG, "token_endpoint", "uri"), "http://id.example.org/token"),
        ((*CONFIG, "redirect_path_matcher", "path", "exact"), "/"),
        ((*CONFIG, "credentials", "token_secret", "name"), "other"),
        ((*CONFIG, "credentials", "cookie_names", "id_token"), "session"),
        (("spec", "configPatches", 0, "patch", "value", "name"), "outbound|80||shop.acme.svc.cluster.local"),
        (("spec", "configPatches", 1, "patch", "value", "name"), "envoy.filters.http.oauth2"),
        (("spec", "workloadSelector", "labels"), {}),
    ],
    ids=str,
)
def test_what_may_differ_may_not_be_anything(path, value):
    assert not understood(changed(planned(), path, lambda parent, key: parent.__setitem__(key, value)), MESH)


FILES = {"mountPath": "/etc/tenantmesh/login", "name": "login", "readOnly": True}


def overridden(*mounts):
    proxy = container("istio-proxy", image="auto", volumeMounts=list(mounts))
    return [fact.kind for fact in Bypasses(cluster(namespace(), deployment(container(), proxy))).of("acme")]


def test_a_proxy_may_have_the_files_of_a_login():
    assert overridden(FILES) == []


@pytest.mark.parametrize(
    "mount",
    [
        {**FILES, "mountPath": "/etc/istio/proxy"},
        {**FILES, "mountPath": "/etc/tenantmesh/login/.."},
        {**FILES, "readOnly": False},
        {**FILES, "subPath": "x"},
        {"mountPath": "/etc/tenantmesh/login", "name": "login"},
        "login",
    ],
    ids=str,
)
def test_a_proxy_that_mounts_anything_else_is_of_its_own_making(mount):
    assert overridden(FILES, mount) == [Bypass.PROXY_OVERRIDE]
