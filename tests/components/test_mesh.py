"""The component Mesh: settings of the control plane as outputs, and the objects of its root namespace."""

import pulumi

import tenantmesh as tm
from tenantmesh.engine.values import Secret
from tests.components.programs import made


def mesh(args=None):
    def program():
        made = tm.Mesh("mesh", args or {})
        for name in ("mesh_config", "istiod_environment", "helm_values"):
            pulumi.export(name, getattr(made, name))

    return program


def test_the_settings_are_known_in_a_preview():
    found = made(mesh({"trust_domain": "td.example.com"}), preview=True).outputs
    assert found["mesh_config"]["trustDomain"] == "td.example.com"
    assert found["mesh_config"]["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}
    assert found["istiod_environment"]["PILOT_SCOPE_GATEWAY_TO_NAMESPACE"] == "true"


def test_the_values_of_the_chart_hold_the_other_two():
    found = made(mesh()).outputs
    assert found["helm_values"]["meshConfig"] == found["mesh_config"]
    assert found["helm_values"]["pilot"]["env"] == found["istiod_environment"]


def test_the_mesh_makes_its_namespace_only_when_asked():
    assert sorted(item.key.kind for item in made(mesh()).manifest) == ["PeerAuthentication", "Sidecar"]
    asked = made(mesh({"control_plane": {"create_namespace": True, "namespace": "mesh-system"}}))
    assert {str(item.key) for item in asked.manifest} == {
        "Namespace mesh-system",
        "PeerAuthentication mesh-system/default",
        "Sidecar mesh-system/default",
    }


def test_an_authority_of_its_own_is_a_secret_and_its_roots_are_an_output():
    def program():
        pulumi.export("roots", tm.Mesh("mesh", {"trust": {"workload_ca": {"ca": 2}}}).root_certificates)

    found = made(program)
    assert "Secret istio-system/cacerts" in {str(item.key) for item in found.manifest}
    assert found.outputs["roots"].count("BEGIN CERTIFICATE") == 2
    keys = [one for one in found.resources if one.type == "tls:index/privateKey:PrivateKey"]
    names = sorted(one.urn.rpartition("::")[2] for one in keys)
    assert names == ["workload-ca/intermediate-2", "workload-ca/root-1", "workload-ca/root-2"]
    assert all(isinstance(one.outputs["privateKeyPem"], Secret) for one in keys)


def test_without_an_authority_of_its_own_there_are_no_roots():
    def program():
        pulumi.export("roots", tm.Mesh("mesh", {}).root_certificates)

    assert made(program).outputs["roots"] == ""


def test_the_audit_policy_is_an_output():
    def program():
        pulumi.export("policy", tm.Mesh("mesh", {}).audit_policy)

    assert made(program, preview=True).outputs["policy"]["kind"] == "Policy"
