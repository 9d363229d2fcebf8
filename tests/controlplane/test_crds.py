"""Istio's and the Gateway API's kinds are served, and the server holds objects to their schemas."""

import pytest

pytestmark = pytest.mark.controlplane


def test_a_right_istio_object_is_taken(api, namespace):
    spec = {"hosts": ["web.example.com"], "http": [{"route": [{"destination": {"host": "web"}}]}]}
    body = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "web"}, "spec": spec}
    path = f"/apis/networking.istio.io/v1/namespaces/{namespace}/virtualservices"
    assert api.request("POST", path, body).status == 201


@pytest.mark.parametrize(
    ("mode", "status"), [("STRICT", 201), ("SOMETIMES", 422)], ids=["a mode that is", "a mode that is not"]
)
def test_a_peer_authentication_is_held_to_its_modes(api, namespace, mode, status):
    body = {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"name": "default"}}
    path = f"/apis/security.istio.io/v1/namespaces/{namespace}/peerauthentications"
    assert api.request("POST", path, body | {"spec": {"mtls": {"mode": mode}}}).status == status


def test_a_rule_in_cel_is_held_too(api, namespace):
    """An AuthorizationPolicy may have a selector or targetRefs, which only a CEL rule of its CRD says."""
    selector, target = {"matchLabels": {"a": "b"}}, {"kind": "Service", "group": "", "name": "web"}
    body = {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": "both"}}
    path = f"/apis/security.istio.io/v1/namespaces/{namespace}/authorizationpolicies"
    answer = api.request("POST", path, body | {"spec": {"selector": selector, "targetRefs": [target]}})
    assert answer.status == 422
    assert "targetRef" in answer.text


def test_the_gateway_api_is_served(api, namespace):
    spec = {"parentRefs": [{"name": "gateway"}], "hostnames": ["web.example.com"]}
    body = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web"},
        "spec": spec,
    }
    path = f"/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}/httproutes"
    assert api.request("POST", path, body).status == 201


def test_each_crd_says_which_module_it_comes_from(api):
    crds = api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
    origins = {crd["metadata"]["annotations"].get("tenantmesh.dev/origin", "").split("@")[0] for crd in crds}
    assert {"istio.io/api", "sigs.k8s.io/gateway-api"} <= origins
