"""What tenants share."""

from tenantmesh.args.parse import parse_mesh
from tenantmesh.manifest import ObjectKey
from tenantmesh.plan.mesh import helm_values, istiod_environment, mesh_config, plan_mesh


def test_the_mesh_is_strict_and_scoped_from_its_root():
    assert [str(ObjectKey.of(body)) for body in plan_mesh(parse_mesh())] == [
        "Sidecar istio-system/default",
        "PeerAuthentication istio-system/default",
    ]


def test_the_root_namespace_is_made_only_when_asked():
    bodies = plan_mesh(parse_mesh({"control_plane": {"namespace": "mesh-system", "create_namespace": True}}))
    assert str(ObjectKey.of(bodies[0])) == "Namespace mesh-system"


def test_nothing_is_seen_outside_its_namespace_and_nothing_leaves_unasked():
    config = mesh_config(parse_mesh())
    for kind in ("Service", "VirtualService", "DestinationRule"):
        assert config[f"default{kind}ExportTo"] == ["."]
    assert config["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}
    assert config["pathNormalization"] == {"normalization": "DECODE_AND_MERGE_SLASHES"}


def test_the_control_plane_looks_at_tenants_and_itself_only():
    selectors = mesh_config(parse_mesh({"control_plane": {"namespace": "mesh-system"}}))["discoverySelectors"]
    assert selectors == [
        {"matchExpressions": [{"key": "tenantmesh.dev/tenant", "operator": "Exists"}]},
        {"matchLabels": {"kubernetes.io/metadata.name": "mesh-system"}},
    ]


def test_a_gateway_works_in_its_own_namespace_only():
    assert istiod_environment(parse_mesh())["PILOT_SCOPE_GATEWAY_TO_NAMESPACE"] == "true"


def test_aliases_of_the_trust_domain_are_there_while_it_changes():
    config = mesh_config(parse_mesh({"trust_domain": "next.example", "trust_domain_aliases": ["cluster.local"]}))
    assert (config["trustDomain"], config["trustDomainAliases"]) == ("next.example", ["cluster.local"])
    assert "trustDomainAliases" not in mesh_config(parse_mesh())


def test_chart_values_carry_config_environment_and_revision():
    mesh = parse_mesh({"trust_domain": "example.com", "control_plane": {"revision": "canary"}})
    values = helm_values(mesh)
    assert values["meshConfig"]["trustDomain"] == "example.com"
    assert values["pilot"]["env"] == istiod_environment(mesh)
    assert values["revision"] == "canary"
    assert "revision" not in helm_values(parse_mesh())
