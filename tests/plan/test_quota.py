"""Quotas: amounts, counts, and no way to open a port beside the gateway's."""

import pytest


def hard(plan, namespace="acme"):
    return plan.spec("ResourceQuota", "tenant", namespace)["hard"]


def test_amounts_are_bounded_by_request_and_by_limit(planned):
    found = hard(planned({"quota": {"cpu": "2", "memory": "4Gi", "pods": 9, "storage": "1Ti"}}))
    assert (found["requests.cpu"], found["limits.cpu"]) == ("2", "8")
    assert (found["requests.memory"], found["limits.memory"]) == ("4Gi", "4Gi")
    assert (found["pods"], found["requests.storage"]) == ("9", "1Ti")


@pytest.mark.parametrize(
    ("service", "balancers", "node_ports"),
    [
        ({}, "1", "2"),
        ({"allocate_node_ports": False}, "1", "0"),
        ({"allocate_node_ports": False, "https_node_port": 31443}, "1", "1"),
        ({"type": "NodePort"}, "0", "2"),
        ({"type": "ClusterIP"}, "0", "0"),
    ],
)
def test_exposed_services_are_exactly_the_gateways(planned, service, balancers, node_ports):
    found = hard(planned({"domain": "acme.example.com", "ingress": {"service": service}}))
    assert (found["services.loadbalancers"], found["services.nodeports"]) == (balancers, node_ports)


def test_without_an_ingress_nothing_is_exposed(planned):
    found = hard(planned())
    assert (found["services.loadbalancers"], found["services.nodeports"]) == ("0", "0")


def test_beside_the_gateways_namespace_nothing_is_exposed(planned):
    plan = planned({"domain": "a.example.com", "ingress": {}, "settings": {"gateway_namespace": "gateway"}})
    assert hard(plan)["services.loadbalancers"] == "0"
    assert hard(plan, "acme--gateway")["services.loadbalancers"] == "1"


def test_no_pod_has_a_priority_of_the_system(planned):
    spec = planned().spec("ResourceQuota", "system-priority")
    assert spec["hard"] == {"pods": "0"}
    assert spec["scopeSelector"]["matchExpressions"][0]["values"] == ["system-cluster-critical", "system-node-critical"]


def test_counts_of_objects_may_be_set(planned):
    found = hard(planned({"quota": {"objects": {"configmaps": 5, "count/widgets.example.com": 1}}}))
    assert (found["configmaps"], found["count/widgets.example.com"], found["secrets"]) == ("5", "1", "100")


def test_a_container_that_asks_for_nothing_gets_the_defaults(planned):
    limits = planned({"quota": {"container": {"cpu_maximum": "2"}}}).spec("LimitRange", "tenant")["limits"]
    assert limits == [
        {
            "default": {"cpu": "500m", "memory": "256Mi"},
            "defaultRequest": {"cpu": "50m", "memory": "64Mi"},
            "max": {"cpu": "2"},
            "type": "Container",
        }
    ]
