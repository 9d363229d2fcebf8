"""The dev stack on a real API server, from nothing to two tenants and back; each test goes on from the one before."""

import pytest

from tests.controlplane.conftest import eventually
from tests.stacks.inventory import inventory, resources
from tests.stacks.stage import changed, changes

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]

TENANTS = ("tenant1", "tenant2")
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
# What everybody who is logged in may do by Kubernetes' own default roles: ask what they themselves may do.
EVERYBODY = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
# What holds a tenant down in its own namespaces, and what is secret there.
FENCE = {
    "secrets",
    "resourcequotas",
    "limitranges",
    "networkpolicies",
    "roles",
    "rolebindings",
    "authorizationpolicies",
    "peerauthentications",
    "requestauthentications",
    "sidecars",
    "serviceentries",
    "envoyfilters",
}


@pytest.fixture(scope="module")
def before(api):
    """What is in the cluster before anything is deployed, once each namespace has what controllers give to all."""
    eventually(lambda: _namespaces(api) <= _having(api, "configmaps", "kube-root-ca.crt"))
    eventually(lambda: _namespaces(api) <= _having(api, "serviceaccounts", "default"))
    return inventory(api)


def _namespaces(api):
    return {one["metadata"]["name"] for one in api.get("/api/v1/namespaces")["items"]}


def _having(api, resource, name):
    """The namespaces that have an object of this name."""
    found = api.get(f"/api/v1/{resource}?fieldSelector=metadata.name%3D{name}")["items"]
    return {one["metadata"]["namespace"] for one in found}


def test_up_creates_both_tenants(before, stage, api):
    """From nothing, `up` creates and changes nothing else."""
    document = stage.run("up", "--yes")
    assert set(changes(document)) == {"create"}
    namespaces = {key[3] for key in inventory(api).keys() - before.keys() if key[1] == "namespaces"}
    assert namespaces >= set(TENANTS)


@pytest.mark.parametrize("tenant", TENANTS)
def test_all_deployments_are_ready(api, tenant):
    """`up` returns when every Deployment has all the pods it asked for: bookinfo's six and the gateway."""
    deployments = api.get(f"/apis/apps/v1/namespaces/{tenant}/deployments")["items"]
    assert len(deployments) >= 7
    for deployment in deployments:
        status = deployment["status"]
        wanted = deployment["spec"]["replicas"]
        assert (status.get("readyReplicas"), status.get("updatedReplicas")) == (wanted, wanted), deployment["metadata"]


def test_the_gateways_answer_on_the_node_ports_of_the_talk(api):
    """31080 and 31443 are tenant1's, 32080 and 32443 tenant2's."""
    for tenant, ports in zip(TENANTS, ({31080, 31443}, {32080, 32443}), strict=True):
        services = api.get(f"/api/v1/namespaces/{tenant}/services")["items"]
        exposed = {port["nodePort"] for service in services for port in service["spec"]["ports"] if "nodePort" in port}
        assert exposed == ports


def test_a_second_up_changes_nothing(stage):
    """The same program on the same state has nothing to do."""
    assert changes(stage.run("up", "--yes")) == {}


def test_a_preview_of_what_is_there_makes_nothing_reachable(stage):
    """The objects of the state and the planned ones are proven alike."""
    found = stage.run("preview")["reachability"]
    assert (found["outcome"], found["proof"]) == ("keeps isolation", "isolated")
    assert [found[key] for key in ("opened", "closed", "objects", "unproven")] == [[], [], [], []]


def test_refresh_finds_no_drift(stage):
    """What the server added by itself is no drift, and `up` after it has nothing to do either."""
    stage.run("refresh", "--yes")
    assert changes(stage.run("up", "--yes")) == {}


def test_changing_one_quota_changes_one_object(stage):
    """One more pod for tenant1 is an update of its ResourceQuota."""
    old, new = "quota=size.quota,", 'quota={**size.quota, "pods": 50} if name == "tenant1" else size.quota,'
    stage.replace("stacks/__main__.py", old, new)
    [(op, urn)] = changed(stage.run("up", "--yes"))
    assert op == "update"
    assert urn.split("::")[-2].endswith("kubernetes:core/v1:ResourceQuota")
    assert "tenant1" in urn.split("::")[-1]


def _may(api, user, groups, version, resource, namespace):
    """The verbs that a user has on a resource, as the API server itself answers."""
    group = version.rpartition("/")[0]
    name, _, subresource = resource["name"].partition("/")
    attributes = {"group": group, "resource": name, "subresource": subresource, "namespace": namespace}
    allowed = set()
    for verb in {*VERBS, *resource["verbs"]}:
        spec = {"user": user, "groups": groups, "resourceAttributes": {**attributes, "verb": verb}}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        answer = api.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review).json()
        if answer["status"]["allowed"]:
            allowed.add(verb)
    return allowed


@pytest.mark.parametrize("role", ["admins", "developers", "viewers"])
def test_a_user_of_one_tenant_can_do_nothing_in_another(api, role):
    """Over every verb and resource that the server knows, in tenant2 and in the cluster as a whole."""
    groups = [f"tenant1-{role}", "system:authenticated"]
    allowed = {
        (namespace, resource["name"]): verbs
        for version, resource in resources(api)
        for namespace in (["tenant2", "kube-system"] if resource["namespaced"] else [""])
        if resource["name"] not in EVERYBODY and (verbs := _may(api, "ann", groups, version, resource, namespace))
    }
    assert allowed == {}


@pytest.mark.parametrize("role", ["admins", "developers", "viewers"])
def test_a_user_sees_nothing_of_the_fence_that_holds_it(api, role):
    """No verb at all on secrets, policies, quotas and roles in the user's own namespace, but some on workloads."""
    groups = [f"tenant1-{role}", "system:authenticated"]
    own = {
        resource["name"]: _may(api, "ann", groups, version, resource, "tenant1")
        for version, resource in resources(api)
        if resource["namespaced"]
    }
    assert {name: own[name] for name in FENCE if own[name]} == {}
    assert {"get", "list", "watch"} <= own["pods"]
    assert ("create" in own["deployments"]) is (role != "viewers")


def test_a_pod_beyond_the_quota_is_refused(api):
    """The server counts, whoever asks."""
    resources_ = {"requests": {"cpu": "90", "memory": "1Gi"}, "limits": {"cpu": "90", "memory": "1Gi"}}
    container = {"name": "big", "image": "big", "resources": resources_, "securityContext": _restricted()}
    pod = {"metadata": {"name": "big"}, "spec": {"containers": [container], "securityContext": _pod_restricted()}}
    answer = api.request("POST", "/api/v1/namespaces/tenant1/pods", pod)
    assert answer.status == 403
    assert "exceeded quota" in answer.text or "maximum cpu usage" in answer.text


def test_a_quota_that_is_used_up_refuses_one_more_pod(api):
    """The refusal names the quota, not only a limit for each container."""
    quotas = api.get("/api/v1/namespaces/tenant1/resourcequotas")["items"]
    free = max(
        int(quota["status"]["hard"]["pods"]) - int(quota["status"]["used"]["pods"])
        for quota in quotas
        if "pods" in quota["status"]["hard"] and "scopeSelector" not in quota["spec"]
    )
    made = [api.request("POST", "/api/v1/namespaces/tenant1/pods", _small(index)) for index in range(free + 1)]
    api.request("DELETE", "/api/v1/namespaces/tenant1/pods?labelSelector=test=quota")
    assert made[-1].status == 403
    assert "exceeded quota" in made[-1].text


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_a_service_that_opens_the_cluster_is_refused(api, kind):
    """Beyond the gateway's own Service, nothing in a tenant opens a port to the outside."""
    service = {"metadata": {"name": f"open-{kind.lower()}"}, "spec": {"type": kind, "ports": [{"port": 80}]}}
    answer = api.request("POST", "/api/v1/namespaces/tenant1/services", service)
    assert answer.status == 403
    assert "exceeded quota" in answer.text


def test_removing_a_tenant_deletes_what_it_had_and_nothing_else(stage, api):
    """tenant2 goes with everything in it; tenant1 is not touched."""
    had = inventory(api)
    stage.replace("Pulumi.yaml", "[tenant1, tenant2]", "[tenant1]")
    document = stage.run("up", "--yes")
    assert set(changes(document)) == {"delete"}
    gone = had.keys() - inventory(api).keys()
    assert gone
    assert {key for key in gone if "tenant2" not in (key[2], *key[3].split("--"))} == set()
    assert [key for key in inventory(api) if "tenant2" in (key[2], key[3])] == []


def test_destroy_leaves_the_cluster_as_it_was(stage, api, before):
    """Nothing is left and nothing that was there is missing."""
    assert set(changes(stage.run("destroy", "--yes"))) == {"delete"}
    assert inventory(api).keys() == before.keys()


def _restricted():
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def _pod_restricted():
    return {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}


def _small(index):
    requests = {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"cpu": "1m", "memory": "1Mi"}}
    container = {"name": "small", "image": "small", "resources": requests, "securityContext": _restricted()}
    labels = {"test": "quota"}
    spec = {"containers": [container], "securityContext": _pod_restricted(), "automountServiceAccountToken": False}
    return {"metadata": {"name": f"small-{index}", "labels": labels}, "spec": spec}
