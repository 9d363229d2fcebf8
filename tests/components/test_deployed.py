"""What a Tenant says of itself that only a cluster knows."""

import uuid

import pulumi
import pytest

import tenantmesh as tm
from tenantmesh.engine.defaults import Config
from tenantmesh.engine.evaluate import evaluate
from tenantmesh.engine.events import Command
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.run import Run

pytestmark = [pytest.mark.controlplane, pytest.mark.slow]


def test_address_and_node_ports_are_those_of_the_gateways_service(cluster):
    """The address that the cluster's load balancer gave, and the ports that the API server chose."""
    name = f"t-{uuid.uuid4().hex[:8]}"
    store = MemoryStore("project", "dev")
    options = RunOptions(
        ambient=Ambient(project="project", stack="dev", kubeconfig=cluster.kubeconfig), skip_preview=True
    )

    def program():
        made = tm.Tenant(name, {"domain": f"{name}.example.com", "ingress": {"replicas": {"minimum": 1}}})
        pulumi.export("address", made.address)
        pulumi.export("ports", made.node_ports)

    found = evaluate(program, preview=False, options=options, store=store)
    try:
        assert found.failures == ()
        service = cluster.api().get(f"/api/v1/namespaces/{name}/services/{name}-ingress")
        assert found.outputs["address"] == service["status"]["loadBalancer"]["ingress"][0]["ip"]
        assert found.outputs["ports"] == {port["name"]: port["nodePort"] for port in service["spec"]["ports"]}
        assert sorted(found.outputs["ports"]) == ["http", "https"]
    finally:
        config, providers = Config({}, frozenset()), BuiltInProviders()
        run = Run(
            store=store.reopened(),
            config=config,
            program=None,
            providers=providers,
            sink=lambda _: None,
            options=options,
        )
        assert run.execute(Command.DESTROY).ok
