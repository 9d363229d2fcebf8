"""The server itself refuses what quota, Pod Security and admission policies forbid."""

import pytest

pytestmark = pytest.mark.controlplane

POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"


def pod(name, **container):
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "c", "image": "example.com/c:1", **container}]},
    }


def test_quota_refuses_one_pod_too_many(api, namespace, eventually):
    quotas = f"/api/v1/namespaces/{namespace}/resourcequotas"
    quota = api.request("POST", quotas, {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}}).json()
    eventually(lambda: api.get(f"{quotas}/q")["status"].get("hard") == quota["spec"]["hard"])
    path = f"/api/v1/namespaces/{namespace}/pods"
    assert api.request("POST", path, pod("first")).status == 201
    answer = api.request("POST", path, pod("second"))
    assert answer.status == 403
    assert "exceeded quota: q" in answer.text


def test_pod_security_refuses_a_privileged_pod(api, namespace):
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    body = {"apiVersion": "v1", "kind": "Namespace", **label}
    api.apply(f"/api/v1/namespaces/{namespace}", body)
    answer = api.request("POST", f"/api/v1/namespaces/{namespace}/pods", pod("p", securityContext={"privileged": True}))
    assert answer.status == 403
    assert "violates PodSecurity" in answer.text


@pytest.fixture
def policy(api, namespace):
    """Refuses ConfigMaps without an owner, in the test's own namespace only."""
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]
    validation = {"expression": "has(object.data) && 'owner' in object.data", "message": "say who owns it"}
    spec = {"matchConstraints": {"resourceRules": rules}, "validations": [validation]}
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding = {
        "policyName": namespace,
        "validationActions": ["Deny"],
        "matchResources": {"namespaceSelector": selector},
    }
    api.request("POST", POLICIES, {"metadata": {"name": namespace}, "spec": spec}).json()
    api.request("POST", BINDINGS, {"metadata": {"name": namespace}, "spec": binding}).json()
    yield
    api.request("DELETE", f"{BINDINGS}/{namespace}")
    api.request("DELETE", f"{POLICIES}/{namespace}")


@pytest.mark.usefixtures("policy")
def test_a_validating_admission_policy_takes_effect(api, namespace, eventually):
    path = f"/api/v1/namespaces/{namespace}/configmaps?dryRun=All"
    eventually(lambda: api.request("POST", path, {"metadata": {"name": "c"}}).status == 422)
    assert "say who owns it" in api.request("POST", path, {"metadata": {"name": "c"}}).text
    assert api.request("POST", path, {"metadata": {"name": "c"}, "data": {"owner": "acme"}}).status == 201
