"""What a Tenant says of itself that only a cluster knows."""

import uuid

import pulumi
import pytest

import tenantmesh as tm
from tenantmesh.engine.evaluate import evaluate
from tenantmesh.engine.events import Command
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.monitor.defaults import Config
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.run import Run

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]


@pytest.fixture
def deploy(cluster):
    """Deploys a program again and again to one stack, which is destroyed at the end."""
    options = RunOptions(
        ambient=Ambient(project="project", stack="dev", kubeconfig=cluster.kubeconfig), skip_preview=True
    )
    stores = [MemoryStore("project", "dev")]

    def deployed(program):
        found = evaluate(program, preview=False, options=options, store=stores[-1])
        stores.append(stores[-1].reopened())
        assert found.failures == ()
        return found

    yield deployed
    run = Run(
        store=stores[-1],
        config=Config({}, frozenset()),
        program=None,
        providers=BuiltInProviders(),
        sink=lambda _: None,
        options=options,
    )
    assert run.execute(Command.DESTROY).ok


def test_address_and_node_ports_are_those_of_the_gateways_service(cluster, deploy):
    """The address that the cluster's load balancer gave, and the ports that the API server chose."""
    name = f"t-{uuid.uuid4().hex[:8]}"

    def program():
        one = {"replicas": {"minimum": 1}}
        made = tm.Tenant(name, {"domain": f"{name}.example.com", "ingress": one, "ingresses": {"staff": one}})
        pulumi.export("address", made.address)
        pulumi.export("addresses", made.addresses)
        pulumi.export("ports", made.node_ports)

    found = deploy(program)
    service = cluster.api().get(f"/api/v1/namespaces/{name}/services/{name}-ingress")
    further = cluster.api().get(f"/api/v1/namespaces/{name}/services/{name}-ingress--staff")
    assert found.outputs["address"] == service["status"]["loadBalancer"]["ingress"][0]["ip"]
    assert found.outputs["addresses"] == {"staff": further["status"]["loadBalancer"]["ingress"][0]["ip"]}
    assert found.outputs["ports"] == {port["name"]: port["nodePort"] for port in service["spec"]["ports"]}
    assert sorted(found.outputs["ports"]) == ["http", "https"]


def test_new_settings_replace_the_pods_that_read_them(cluster, deploy):
    """A container reads its settings at its start; the same settings leave the pods alone."""
    name = f"t-{uuid.uuid4().hex[:8]}"

    def rollouts(mode):
        def program():
            tm.Tenant(name)
            container = {"config": {"MODE": mode}, "secrets": {"KEY": pulumi.Output.secret(f"key of {mode}")}}
            tm.App(f"{name}/web", {"tenant": name, "image": "web:1", "container": container})

        deploy(program)
        deployment = cluster.api().get(f"/apis/apps/v1/namespaces/{name}/deployments/web")
        return int(deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"])

    assert [rollouts(mode) for mode in ("slow", "slow", "fast")] == [1, 1, 2]
