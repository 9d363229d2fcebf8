"""Namespaces and their labels."""

from tenantmesh.spec.mesh import ControlPlaneSpec, MeshSpec


def labels(body):
    return body["metadata"]["labels"]


def test_pods_are_restricted_and_injected(planned):
    found = labels(planned().one("Namespace", "acme", ""))
    assert found["istio-injection"] == "enabled"
    assert {found[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {"restricted"}


def test_a_revision_injects_by_its_own_label(planned):
    found = labels(
        planned(mesh=MeshSpec(control_plane=ControlPlaneSpec(revision="canary"))).one("Namespace", "acme", "")
    )
    assert found["istio.io/rev"] == "canary"
    assert "istio-injection" not in found


def test_a_further_namespace_belongs_to_the_tenant_and_its_project(planned):
    plan = planned({"namespaces": [{"name": "db"}], "sharing": {"project": {"name": "shop", "tenants": ["globex"]}}})
    found = labels(plan.one("Namespace", "acme--db", ""))
    assert (found["tenantmesh.dev/tenant"], found["tenantmesh.dev/project"]) == ("acme", "shop")
