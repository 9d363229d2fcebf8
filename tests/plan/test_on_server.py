"""Planned tenants on a real API server: taken as they are, kept as they are, and held to their quota and roles."""

import itertools
import time
import uuid

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.plan.certificates import CertificateMaterial, Leaf
from tenantmesh.plan.tenant import plan_app, plan_settings, plan_tenant

pytestmark = pytest.mark.controlplane

APPLY = "fieldValidation=Strict&fieldManager=plan-test&force=true"
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
ARGS = {
    "namespaces": [{"name": "db"}],
    "quota": {"cpu": "16", "memory": "32Gi", "pods": 40, "priority_class_pods": {"batch": 3}},
    "egress": {"services": [{"host": "a.example.org", "service_accounts": ["web"]}]},
    "access": [{"role": role, "users": [f"{role}@example.com"]} for role in ("admin", "developer", "viewer")],
}
APP = {
    "versions": [{"name": "v1", "image": "web:1"}, {"name": "v2", "image": "web:2", "replicas": {"minimum": 2}}],
    "ports": [{"port": 8080}],
    "container": {
        "config": {"COLOR": "red"},
        "secrets": {"PIN": "1234"},
        "probes": {"liveness": {"path": "/alive"}, "startup": {}},
    },
}


@pytest.fixture(scope="module")
def api(cluster):
    return cluster.api()


@pytest.fixture(scope="module")
def paths(api):
    """Where each kind is, and whether in a namespace."""
    groups = ["/api/v1"]
    for group in api.get("/apis")["groups"]:
        groups += [f"/apis/{version['groupVersion']}" for version in group["versions"]]
    return {
        (path.removeprefix("/apis/").removeprefix("/api/"), resource["kind"]): (path, resource)
        for path in groups
        for resource in api.get(path)["resources"]
        if "/" not in resource["name"]
    }


def bodies(name):
    port = 30000 + int(name[-3:], 16) % 1000
    services = {"type": "NodePort", "http_node_port": port, "https_node_port": port + 1000}
    ingress = {"hosts": [f"{name}.example.com"], "client_tls": "mutual", "service": services}
    sharing = {
        "project": {"name": "shop", "tenants": ["initech"]},
        "exports": [{"service": "web", "ports": [8080], "to": ["globex/x"], "paths": ["/api/*"], "reason": "orders"}],
        "imports": [{"tenant": "globex", "service": "pg", "ports": [5432], "reason": "orders"}],
    }
    tenant = parse_tenant(
        name, {**ARGS, "ingress": {**ingress, "certificates": {"clients": ["ci"]}}, "sharing": sharing}
    )
    leaf = Leaf(chain="not a certificate", key="not a key")
    material = CertificateMaterial(roots="not a root", server=leaf, clients={"ci": leaf})
    routes = [{"host": f"{name}.example.com", "paths": ["/api"]}]
    app = parse_app("web", {**APP, "tenant": name, "namespace": "db", "routes": routes}, tenant)
    found = [*plan_tenant(tenant, material), *plan_settings(app), *plan_app(app, tenant)]
    return sorted(found, key=lambda body: body["kind"] not in ("Namespace", "ServiceAccount"))


@pytest.fixture(scope="module")
def tenant(api, paths):
    """A tenant on the server: what was sent and what the server made of it."""
    name = f"t-{uuid.uuid4().hex[:8]}"
    sent = bodies(name)
    kept = [applied(api, paths, body) for body in sent]
    yield name, sent, kept
    for namespace in (name, f"{name}--db"):
        api.request("DELETE", f"/api/v1/namespaces/{namespace}")


def applied(api, paths, body):
    path, resource = paths[body["apiVersion"], body["kind"]]
    place = f"/namespaces/{body['metadata']['namespace']}" if resource["namespaced"] else ""
    url = f"{path}{place}/{resource['name']}/{body['metadata']['name']}?{APPLY}"
    answer = api.request("PATCH", url, body)
    assert answer.status < 300, f"{body['kind']} {body['metadata']['name']}: {answer.text}"
    return answer.json()


def differences(sent, kept, path=""):
    """Where the server keeps another value than was sent."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        return [
            d for key in sent for d in differences(sent[key], kept.get(key), f"{path}.{key}") if key != "stringData"
        ]
    if isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        return [
            d
            for at, (one, other) in enumerate(zip(sent, kept, strict=True))
            for d in differences(one, other, f"{path}[{at}]")
        ]
    return [] if sent == kept else [f"{path}: {sent!r} became {kept!r}"]


def test_the_server_keeps_every_field_as_it_was_written(tenant):
    """So that a second look shows no difference that nobody made."""
    _, sent, kept = tenant
    found = {
        f"{one['kind']} {one['metadata']['name']}": differences(one, other)
        for one, other in zip(sent, kept, strict=True)
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_applying_again_changes_nothing(api, paths, tenant):
    _, sent, _ = tenant
    moving = ("Deployment", "HorizontalPodAutoscaler", "ResourceQuota", "PodDisruptionBudget", "Namespace")
    again = [applied(api, paths, body) for body in sent if body["kind"] not in moving]
    once_more = [applied(api, paths, body) for body in sent if body["kind"] not in moving]
    versions = [[made["metadata"]["resourceVersion"] for made in turn] for turn in (again, once_more)]
    assert versions[0] == versions[1]


def test_the_gateways_and_apps_pods_fit_the_quota_and_the_standard(api, tenant):
    name, *_ = tenant

    def ready():
        found = [
            item
            for namespace in (name, f"{name}--db")
            for item in api.get(f"/apis/apps/v1/namespaces/{namespace}/deployments")["items"]
        ]
        assert len(found) == 4
        return all(item["status"].get("readyReplicas") for item in found)

    deadline = time.monotonic() + 90
    while not ready():
        assert time.monotonic() < deadline, "deployments are not ready"
        time.sleep(0.2)


def may(api, user, namespace, verb, group, resource):
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"{user}@example.com",
            "groups": ["system:authenticated"],
            "resourceAttributes": {"namespace": namespace, "verb": verb, "group": group, "resource": resource},
        },
    }
    answer = api.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review).json()
    return answer["status"]["allowed"]


def test_a_role_ends_at_the_tenants_namespaces(api, paths, tenant):
    name, *_ = tenant
    places = {(path.split("/")[2] if "/apis/" in path else "", resource["name"]) for path, resource in paths.values()}
    assert may(api, "admin", name, "list", "", "pods")
    for verb, (group, resource) in itertools.product(VERBS, sorted(places)):
        if resource in ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"):
            continue
        assert not may(api, "admin", "default", verb, group, resource), f"{verb} {group}/{resource}"


def test_no_role_holds_what_holds_the_tenant_down(api, paths, tenant):
    name, *_ = tenant
    bounds = {"secrets", "networkpolicies", "resourcequotas", "limitranges", "roles", "rolebindings"}
    bounds |= {resource["name"] for path, resource in paths.values() if "istio.io" in path} - {"gateways"}
    places = {(path.split("/")[2] if "/apis/" in path else "", resource["name"]) for path, resource in paths.values()}
    for verb, (group, resource) in itertools.product(VERBS, sorted(places)):
        if resource in bounds:
            assert not may(api, "admin", name, verb, group, resource), f"{verb} {group}/{resource}"
