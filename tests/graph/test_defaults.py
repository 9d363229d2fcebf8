"""What is absent is filled in as the API server does, once, and nothing else changes."""

import copy
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.defaults import with_defaults
from tenantmesh.manifest import ManifestObject

GATEWAY_API = "gateway.networking.k8s.io/v1"
RBAC = "rbac.authorization.k8s.io/v1"


def filled(body):
    return with_defaults(ManifestObject(body=body)).body


def made(api_version, kind, **fields):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **fields}


MIRROR = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "b", "port": 80}, "percent": 5}}
FRACTION = {
    "type": "RequestMirror",
    "requestMirror": {"backendRef": {"name": "b", "port": 80}, "fraction": {"numerator": 5}},
}
PARENTS = [{"name": "g"}, {"name": "svc", "kind": "Service", "group": ""}]
BACKENDS = [{"name": "b", "port": 80}, {"name": "c", "port": 80, "weight": 0}]
LISTENER = {"name": "b", "port": 443, "protocol": "HTTPS", "hostname": "b.example.com"}
CONFIG = {"group": "", "kind": "ConfigMap", "name": "c"}
TLS = {"certificateRefs": [{"name": "c"}]}

BY_SCHEMA = {
    "a route that says nothing": made(GATEWAY_API, "HTTPRoute", spec={}),
    "a route with every part": made(
        GATEWAY_API,
        "HTTPRoute",
        spec={
            "parentRefs": PARENTS,
            "rules": [
                {"backendRefs": BACKENDS},
                {
                    "matches": [{"headers": [{"name": "h", "value": "v"}]}, {"path": {"value": "/x"}}],
                    "filters": [MIRROR],
                },
                {"matches": [{"queryParams": [{"name": "q", "value": "v"}]}, {"path": {"type": "Exact"}}]},
                {"filters": [FRACTION, {"type": "CORS", "cors": {"allowOrigins": ["https://a.example.com"]}}]},
                {"filters": [{"type": "RequestRedirect", "requestRedirect": {"hostname": "a.example.com"}}]},
                {"matches": [], "backendRefs": [{"name": "b", "port": 80, "filters": [MIRROR]}]},
            ],
        },
    ),
    "a route of gRPC": made(
        GATEWAY_API,
        "GRPCRoute",
        spec={
            "parentRefs": PARENTS,
            "rules": [
                {"backendRefs": BACKENDS},
                {"matches": [{"method": {"service": "s"}}, {"headers": [{"name": "h", "value": "v"}]}]},
                {"filters": [MIRROR]},
            ],
        },
    ),
    "a route of TCP": made(
        GATEWAY_API, "TCPRoute", spec={"parentRefs": PARENTS[:1], "rules": [{"backendRefs": BACKENDS}]}
    ),
    "a route of UDP": made(
        GATEWAY_API, "UDPRoute", spec={"parentRefs": PARENTS[:1], "rules": [{"backendRefs": BACKENDS}]}
    ),
    "a route of TLS": made(
        GATEWAY_API,
        "TLSRoute",
        spec={"hostnames": ["a.example.com"], "parentRefs": PARENTS[:1], "rules": [{"backendRefs": BACKENDS}]},
    ),
    "a gateway with every part": made(
        GATEWAY_API,
        "Gateway",
        spec={
            "gatewayClassName": "istio",
            "addresses": [{"value": "10.0.0.1"}],
            "allowedListeners": {},
            "listeners": [
                {"name": "a", "port": 80, "protocol": "HTTP"},
                {**LISTENER, "tls": TLS, "allowedRoutes": {"kinds": [{"kind": "HTTPRoute"}]}},
                {**LISTENER, "name": "c", "hostname": "c.example.com", "tls": TLS, "allowedRoutes": {"namespaces": {}}},
            ],
            "tls": {
                "backend": {"clientCertificateRef": {"name": "c"}},
                "frontend": {
                    "default": {"validation": {"caCertificateRefs": [CONFIG]}},
                    "perPort": [{"port": 443, "tls": {"validation": {"caCertificateRefs": [CONFIG]}}}],
                },
            },
        },
    ),
    "a set of listeners": made(
        GATEWAY_API, "ListenerSet", spec={"parentRef": {"name": "g"}, "listeners": [{**LISTENER, "tls": TLS}]}
    ),
}
BY_TYPE = {
    "a binding": made(
        RBAC,
        "RoleBinding",
        roleRef={"kind": "Role", "name": "r"},
        subjects=[
            {"kind": "User", "name": "u"},
            {"kind": "Group", "name": "g", "apiGroup": ""},
            {"kind": "ServiceAccount", "name": "s", "namespace": "default"},
        ],
    ),
    "a slice of endpoints": made(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        addressType="IPv4",
        endpoints=[{"addresses": ["10.0.0.1"]}],
        ports=[{"port": 80}],
    ),
    "endpoints": made("v1", "Endpoints", subsets=[{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]),
    "a policy of empty fields": made(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        spec={"podSelector": {}, "policyTypes": [], "egress": [{"ports": [{"port": 1}]}]},
    ),
    "a service of empty fields": made(
        "v1", "Service", spec={"type": "", "ports": [{"port": 80, "targetPort": 0, "protocol": ""}]}
    ),
    "a pod with the older field": made(
        "v1",
        "Pod",
        spec={
            "serviceAccount": "default",
            "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 1}]}],
        },
    ),
    "a deployment with the older field": made(
        "apps/v1",
        "Deployment",
        spec={
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"serviceAccount": "s", "containers": [{"name": "c", "image": "i"}]},
            },
        },
    ),
}
_PLURALS = {"Endpoints": "endpoints", "Gateway": "gateways", "NetworkPolicy": "networkpolicies"}


def stored(cluster, body):
    """The object as the server gives it back."""
    api_version = body["apiVersion"]
    prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    plural = _PLURALS.get(body["kind"], f"{body['kind'].lower()}s")
    there = {**body, "metadata": {"name": f"x-{uuid.uuid4().hex[:8]}"}}
    answer = cluster.api().request(
        "POST", f"{prefix}/namespaces/default/{plural}?dryRun=All&fieldValidation=Strict", there
    )
    assert answer.status == 201, answer.text
    return answer.json()


@pytest.mark.controlplane
@pytest.mark.parametrize("name", BY_SCHEMA)
def test_what_a_schema_gives_is_filled_in_and_nothing_more(name, cluster):
    assert filled(BY_SCHEMA[name])["spec"] == stored(cluster, BY_SCHEMA[name])["spec"]


def within(ours, theirs):
    match ours, theirs:
        case dict(), dict():
            return all(within(value, theirs.get(key)) for key, value in ours.items())
        case list(), list():
            return len(ours) == len(theirs) and all(map(within, ours, theirs))
        case _:
            # The server's own types leave out what is empty.
            return ours == theirs or (not ours and theirs is None)


@pytest.mark.controlplane
@pytest.mark.parametrize("name", BY_TYPE)
def test_what_the_servers_own_types_get_is_filled_in(name, cluster):
    ours, theirs = filled(BY_TYPE[name]), stored(cluster, BY_TYPE[name])
    assert ours != BY_TYPE[name]
    assert within({key: value for key, value in ours.items() if key != "metadata"}, theirs)


@pytest.mark.controlplane
@pytest.mark.parametrize("name", [*BY_SCHEMA, *BY_TYPE])
def test_what_is_stored_lacks_nothing(name, cluster):
    one = ManifestObject(body=stored(cluster, (BY_SCHEMA | BY_TYPE)[name]))
    assert with_defaults(one) is one


@pytest.mark.parametrize("name", [*BY_SCHEMA, *BY_TYPE])
def test_the_object_that_was_given_stays_as_it_is(name):
    body = (BY_SCHEMA | BY_TYPE)[name]
    before = copy.deepcopy(body)
    filled(body)
    assert body == before


def test_urn_and_source_stay():
    one = ManifestObject(body=BY_TYPE["a binding"], urn="urn", source="a.yaml:1")
    found = with_defaults(one)
    assert (found.urn, found.source) == ("urn", "a.yaml:1")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spec", "ports", "port", "rules", "ingress", "containers", "template", "matches", "tls"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=15,
)
KINDS = sorted({(body["apiVersion"], body["kind"]) for body in (BY_SCHEMA | BY_TYPE).values()})


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(["spec", "subjects", "roleRef", "ports"]), junk))
def test_no_shape_ends_it_and_twice_is_once(kind, fields):
    once = with_defaults(ManifestObject(body=made(*kind, **fields)))
    assert with_defaults(once) is once


def test_kinds_without_defaults_are_left_alone():
    one = ManifestObject(body=made("example.com/v1", "Service", spec={"ports": [{}]}))
    assert with_defaults(one) is one
