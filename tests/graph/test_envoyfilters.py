"""Which EnvoyFilters are understood: those of the shapes that are planned, and nothing that is changed of them."""

import copy

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.graph.bypass import Bypass, Bypasses
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.envoyfilters import understood
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.routing.filters import Filters
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.plan.tenant import plan_tenant
from tests.graph.mutations import at, emptied, leaves, with_less, with_more, with_other
from tests.graph.routing.objects import pod

MESH = MeshSettings()
LIMITS = [
    {"path": "/api", "requests": 100},
    {"path": "/search", "requests": 10, "per": "hour", "scope": "global", "header": "x-user"},
    {"requests": 1000, "per": "day", "scope": "global", "on_failure": "deny"},
]
FREE = {
    # What is limited, how and by which name says nothing of who reaches whom.
    *("descriptor_key", "descriptor_value", "header_name", "name", "regex", "key", "value", "domain", "stat_prefix"),
    # The own gateway's labels, and by which name the service is meant in the handshake.
    *("istio", "sni"),
}
"""Fields in which any text may stand."""

FIXED = "envoy.filters"
"""With which the names of filters begin, that may not be changed."""


@pytest.fixture(scope="module")
def planned():
    """The filter of all kinds of limits."""
    spec = parse_tenant("acme", {"domain": "acme.example.com", "ingress": {}, "rate_limits": LIMITS})
    (found,) = [body for body in plan_tenant(spec) if body["kind"] == "EnvoyFilter"]
    return copy.deepcopy(found)


def changed(body, values):
    """The filter with another spec, for each of these."""
    return [(way, body | {"spec": spec}) for way, spec in values]


def test_what_is_planned_is_understood(planned):
    assert understood(planned, MESH)


def test_a_field_more_is_not_understood(planned):
    some = changed(planned, with_more(planned["spec"]))
    assert len(some) > 50
    assert [way for way, body in some if understood(body, MESH)] == []


def test_a_field_less_is_not_understood(planned):
    some = changed(planned, with_less(planned["spec"]))
    assert len(some) > 80
    assert [way for way, body in some if understood(body, MESH)] == []


def test_without_content_no_list_or_mapping_is_understood(planned):
    """But an empty one is planned where it says that HTTP/2 has no settings."""
    assert [way for way, body in changed(planned, emptied(planned["spec"])) if understood(body, MESH)] == []


@pytest.mark.parametrize("value", [None, 0, -1, 1.5, True, [], {}], ids=str)
def test_a_value_of_another_type_is_not_understood(planned, value):
    """Or a number that means nothing. Flags are flags."""
    some = changed(planned, with_other(planned["spec"], value))
    found = [way for way, body in some if understood(body, MESH)]
    flags = [way for way in leaves(planned["spec"]) if isinstance(at(planned["spec"], way), bool)]
    assert [way for way in found if way not in flags] == []
    assert {way[-1] for way in found} <= {"failure_mode_deny"}


@pytest.mark.parametrize("value", ["other", "sds-grpc", "outbound|80||web.acme.svc.cluster.local", ""])
def test_another_text_is_understood_where_it_means_nothing_only(planned, value):
    some = changed(planned, with_other(planned["spec"], value))
    found = [(way, at(planned["spec"], way)) for way, body in some if understood(body, MESH)]
    assert [way for way, was in found if way[-1] not in FREE or str(was).startswith((FIXED, "tenantmesh-rate"))] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("acme-ratelimit.acme.svc.cluster.local", "web.globex.svc.cluster.local"),
        ("acme-ratelimit.acme.svc.cluster.local", "acme-ratelimit.acme.svc.example.com"),
        ("acme-ratelimit.acme.svc.cluster.local", "203.0.113.1"),
        ("spiffe://cluster.local/ns/acme/sa/acme-ratelimit", "spiffe://cluster.local/ns/globex/sa/acme-ratelimit"),
        ("spiffe://cluster.local/ns/acme/sa/acme-ratelimit", "spiffe://example.com/ns/acme/sa/acme-ratelimit"),
        ("spiffe://cluster.local/ns/acme/sa/acme-ratelimit", "spiffe://cluster.local/ns/acme/sa/*"),
        ("tenantmesh-ratelimit", "outbound|8080||web.acme.svc.cluster.local"),
        ("GATEWAY", "SIDECAR_INBOUND"),
        ("GATEWAY", "ANY"),
        ("INSERT_BEFORE", "REPLACE"),
        ("INSERT_BEFORE", "INSERT_FIRST"),
        ("ADD", "MERGE"),
        ("HTTP_FILTER", "NETWORK_FILTER"),
        ("envoy.filters.http.router", "envoy.filters.http.rbac"),
        ("envoy.filters.http.ratelimit", "envoy.filters.http.rbac"),
        ("type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit", "type.googleapis.com/x"),
    ],
)
def test_what_would_lead_elsewhere_or_take_a_filter_away_is_not_understood(planned, before, after):
    places = [way for way in leaves(planned["spec"]) if at(planned["spec"], way) == before]
    assert places
    for way in places:
        if way[-1] == "sni":
            continue
        body = copy.deepcopy(planned)
        at(body["spec"], way[:-1])[way[-1]] = after
        assert not understood(body, MESH), way


def test_a_filter_of_another_namespace_or_of_the_whole_mesh_is_not_understood(planned):
    for namespace in ("globex", "istio-system", None):
        elsewhere = planned | {"metadata": planned["metadata"] | {"namespace": namespace}}
        assert not understood(elsewhere, MESH)
    own = parse_tenant("acme", {"domain": "acme.example.com", "ingress": {}, "rate_limits": LIMITS[:1]})
    (local,) = [body for body in plan_tenant(own) if body["kind"] == "EnvoyFilter"]
    assert understood(local, MESH)
    assert not understood(local, MeshSettings(root_namespace="acme"))
    assert not understood(local | {"kind": "WasmPlugin"}, MESH)


@pytest.mark.parametrize("known", [True, False])
def test_only_what_is_understood_is_left_out_of_both_judgements(planned, known):
    """Routing leaves unproven what another filter acts on, and a proxy's own objects are a way around the mesh."""
    body = planned if known else planned | {"spec": planned["spec"] | {"priority": 1}}
    cluster = Cluster(Manifest.of([ManifestObject(body=body)]))
    gateway = pod("acme/gateway", labels={"istio": "acme-ingress"})
    assert (Filters(cluster).on(gateway) == []) is known
    assert (Filters(cluster).in_namespace("acme") == ()) is known
    kinds = [fact.kind for fact in Bypasses(cluster).of("acme")]
    assert kinds == ([] if known else [Bypass.PROXY_OBJECT])
