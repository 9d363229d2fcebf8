"""The controllers, the scheduler and the simulated nodes act as in a real cluster."""

import pytest

pytestmark = pytest.mark.controlplane

LABELS = {"app": "web"}


def deployment(replicas):
    containers = [{"name": "web", "image": "example.com/web:1"}]
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": containers}}
    spec = {"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": template}
    return {"metadata": {"name": "web"}, "spec": spec}


def service(**spec):
    return {"metadata": {"name": "web"}, "spec": {"selector": LABELS, "ports": [{"port": 80}], **spec}}


def test_a_deployment_becomes_ready(api, namespace, eventually):
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    api.request("POST", path, deployment(3)).json()
    eventually(lambda: api.get(f"{path}/web")["status"].get("readyReplicas") == 3)


def test_pods_run_on_nodes_and_have_addresses_of_their_own(api, namespace, eventually):
    api.request("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments", deployment(3)).json()

    def pods():
        return api.get(f"/api/v1/namespaces/{namespace}/pods")["items"]

    eventually(lambda: [pod["status"]["phase"] for pod in pods()] == ["Running"] * 3)
    assert len({pod["status"]["podIP"] for pod in pods()}) == 3
    assert {pod["spec"]["nodeName"] for pod in pods()} <= {"node-1", "node-2", "node-3"}


def test_a_job_completes(api, namespace, eventually):
    containers = [{"name": "work", "image": "example.com/work:1"}]
    template = {"spec": {"restartPolicy": "Never", "containers": containers}}
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    api.request("POST", path, {"metadata": {"name": "work"}, "spec": {"template": template}}).json()
    eventually(lambda: api.get(f"{path}/work")["status"].get("succeeded") == 1)


def test_load_balancers_get_addresses_of_their_own(api, namespace, eventually):
    path = f"/api/v1/namespaces/{namespace}/services"
    for name in ("one", "two"):
        body = service(type="LoadBalancer")
        body["metadata"]["name"] = name
        api.request("POST", path, body).json()

    def addresses():
        found = [item["status"]["loadBalancer"].get("ingress") for item in api.get(path)["items"]]
        return {ingress[0]["ip"] for ingress in found if ingress}

    eventually(lambda: len(addresses()) == 2)
    assert all(address.startswith("198.18.") for address in addresses())


def test_a_load_balancer_of_another_class_is_left_to_its_own_controller(api, namespace, eventually):
    path = f"/api/v1/namespaces/{namespace}/services"
    other = service(type="LoadBalancer", loadBalancerClass="example.com/other")
    api.request("POST", path, other).json()
    ours = service(type="LoadBalancer")
    ours["metadata"]["name"] = "ours"
    api.request("POST", path, ours).json()
    eventually(lambda: "ingress" in api.get(f"{path}/ours")["status"]["loadBalancer"])
    assert api.get(f"{path}/web")["status"]["loadBalancer"] == {}


def test_nodes_are_spread_over_zones_and_have_a_bounded_size(api):
    nodes = {node["metadata"]["name"]: node for node in api.get("/api/v1/nodes")["items"]}
    zones = {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes.values()}
    assert len(zones) == 3
    assert nodes["node-1"]["status"]["capacity"]["cpu"] == "16"
    assert nodes["node-1"]["status"]["allocatable"]["cpu"] == "15800m"


def test_a_pod_that_fits_on_no_node_stays_pending(api, namespace, eventually):
    container = {"name": "big", "image": "example.com/big:1", "resources": {"requests": {"cpu": "17"}}}
    path = f"/api/v1/namespaces/{namespace}/pods"
    api.request("POST", path, {"metadata": {"name": "big"}, "spec": {"containers": [container]}}).json()

    def reasons():
        return [condition.get("reason") for condition in api.get(f"{path}/big")["status"].get("conditions", [])]

    eventually(lambda: "Unschedulable" in reasons())
