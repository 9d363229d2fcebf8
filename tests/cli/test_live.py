"""`tenantmesh verify` and `explain` of a live cluster."""

import json
import uuid

import pytest
import yaml

from tests.cli.checked import run
from tests.graph.reading.servers import seeing_namespaces


@pytest.fixture
def kubeconfig(tmp_path):
    """Of a server that nobody runs."""
    file = tmp_path / "kubeconfig"
    cluster, context = {"server": "http://127.0.0.1:1"}, {"cluster": "x", "user": "x"}
    document = {
        "clusters": [{"name": "x", "cluster": cluster}],
        "contexts": [{"name": "x", "context": context}],
        "users": [{"name": "x", "user": {"token": "t"}}],
        "current-context": "x",
    }
    file.write_text(yaml.safe_dump(document))
    return file


def test_a_cluster_that_does_not_answer_ends_with_2_and_its_address(kubeconfig):
    assert "http://127.0.0.1:1" in run("verify", "--kubeconfig", kubeconfig, code=2)


def test_a_kubeconfig_that_is_not_there_ends_with_2_and_its_path(tmp_path):
    assert str(tmp_path / "none") in run("verify", "--kubeconfig", tmp_path / "none", code=2)


def test_a_folder_and_a_cluster_together_end_with_2(kubeconfig, tmp_path):
    told = run("verify", "--manifests", tmp_path, "--kubeconfig", kubeconfig, code=2)
    assert "either --manifests or --kubeconfig" in told


@pytest.fixture
def namespace(cluster):
    """An unfenced namespace with one pod on the real control plane."""
    api = cluster.api()
    name = f"open-{uuid.uuid4().hex[:8]}"
    api.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).json()
    pod = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    account = {"metadata": {"name": "default"}}
    api.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", account)
    api.request("POST", f"/api/v1/namespaces/{name}/pods", pod).json()
    yield name
    api.request("DELETE", f"/api/v1/namespaces/{name}")


@pytest.mark.controlplane
def test_findings_of_a_live_cluster_end_with_1(cluster, namespace):
    document = json.loads(run("verify", "--kubeconfig", cluster.kubeconfig, "--format", "json", code=1))
    assert namespace in document["tenants"]
    uncovered = [one for one in document["findings"] if one["rule"] == "network-uncovered"]
    assert namespace in {tenant for one in uncovered for tenant in one["tenants"]}
    assert not any("does not show" in one["reason"] for one in document["unproven"])


@pytest.mark.controlplane
def test_kinds_that_may_not_be_listed_are_unproven(cluster):
    with seeing_namespaces(cluster) as kubeconfig:
        document = json.loads(run("verify", "--kubeconfig", kubeconfig, "--format", "json", code=1))
    reasons = [one["reason"] for one in document["unproven"]]
    assert any("NetworkPolicy" in one and "does not show them" in one for one in reasons)


@pytest.mark.controlplane
def test_who_may_see_nothing_proves_nothing(cluster):
    kubeconfig = cluster.kubeconfig_for("sees-nothing")
    assert "does not show its namespaces" in run("verify", "--kubeconfig", kubeconfig, code=2)


@pytest.mark.controlplane
def test_a_flow_in_a_live_cluster_is_explained(cluster, namespace):
    told = run("explain", f"{namespace}/web", f"{namespace}/web:80", "--kubeconfig", cluster.kubeconfig, code=0)
    assert "allowed" in told
