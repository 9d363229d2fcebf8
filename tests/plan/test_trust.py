"""The mesh's own authority, and other meshes' roots, as istiod and the proxies are told of them."""

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.plan.mesh import helm_values, istiod_environment, mesh_config, plan_mesh
from tenantmesh.plan.tenant import plan_tenant
from tenantmesh.plan.trust import AuthorityMaterial, plan_workload_chain
from tests.authorities import Authority

ONE, OTHER = Authority(name="one").root, Authority(name="other").root
MATERIAL = AuthorityMaterial(roots="the roots", certificate="the intermediate", key="its key")
SIGNERS = [
    {"name": "signers.example.com/acme", "certificate": ONE},
    {"name": "signers.example.com/globex", "certificate": OTHER},
]
BUNDLE = {"trust_domains": ["b.example", "a.example"], "certificates": ONE + OTHER}


def mesh(**trust):
    return parse_mesh({"trust": trust})


def test_istiod_is_left_to_its_own_authority_unasked():
    assert plan_workload_chain(parse_mesh()) is None
    assert "Secret" not in {body["kind"] for body in plan_mesh(parse_mesh())}


def test_an_authority_is_roots_and_an_intermediate_of_the_last():
    chain = plan_workload_chain(mesh(workload_ca={"ca": 2}))
    assert [(one.name, one.signer, one.authority) for one in chain.requests] == [
        ("workload-ca/root-1", "", True),
        ("workload-ca/root-2", "", True),
        ("workload-ca/intermediate-2", "workload-ca/root-2", True),
    ]
    assert chain.roots == ("workload-ca/root-1", "workload-ca/root-2")


def test_a_second_root_leaves_the_first_and_its_intermediate_as_they_are():
    first, second = (plan_workload_chain(mesh(workload_ca={"trusted": some})) for some in ([1], [1, 2]))
    assert set(first.requests) < set(second.requests)


def test_istiod_finds_its_authority_where_it_looks_and_no_key_of_a_root():
    args = {"control_plane": {"namespace": "mesh-system"}, "trust": {"workload_ca": {}}}
    (secret,) = [body for body in plan_mesh(parse_mesh(args), MATERIAL) if body["kind"] == "Secret"]
    assert (secret["metadata"]["namespace"], secret["metadata"]["name"]) == ("mesh-system", "cacerts")
    assert secret["stringData"] == {
        "ca-cert.pem": "the intermediate",
        "ca-key.pem": "its key",
        "cert-chain.pem": "the intermediate",
        "root-cert.pem": "the roots",
    }


def test_each_root_of_another_mesh_is_an_entry_of_its_own():
    entries = mesh_config(mesh(bundles=[BUNDLE]))["caCertificates"]
    assert [one["pem"].count("BEGIN CERTIFICATE") for one in entries] == [1, 1]
    assert entries[0]["pem"] != entries[1]["pem"]
    assert [one["trustDomains"] for one in entries] == [["a.example", "b.example"]] * 2


def test_istiod_and_agents_take_several_roots_where_there_are_some():
    for some in ({"bundles": [BUNDLE]}, {"workload_ca": {}}):
        values = helm_values(mesh(**some))
        assert values["pilot"]["env"]["ISTIO_MULTIROOT_MESH"] == "true"
        assert values["meshConfig"]["defaultConfig"]["proxyMetadata"] == {"PROXY_CONFIG_XDS_AGENT": "true"}


def test_istiod_asks_signers_and_sends_no_roots_around():
    values = helm_values(mesh(signers=SIGNERS))
    assert values["global"]["certSigners"] == ["signers.example.com/acme", "signers.example.com/globex"]
    assert values["pilot"]["env"]["EXTERNAL_CA"] == "ISTIOD_RA_KUBERNETES_API"
    assert values["pilot"]["env"]["CERT_SIGNER_DOMAIN"] == "signers.example.com"
    assert "ISTIO_MULTIROOT_MESH" not in values["pilot"]["env"]
    assert "proxyMetadata" not in values["meshConfig"]["defaultConfig"]
    assert values["meshConfig"]["caCertificates"] == [
        {"certSigners": ["signers.example.com/acme"], "pem": ONE},
        {"certSigners": ["signers.example.com/globex"], "pem": OTHER},
    ]


def test_proxies_of_every_namespace_ask_for_the_tenants_signer():
    args = {"namespaces": [{"name": "batch"}], "settings": {"signer": "signers.example.com/acme"}}
    bodies = plan_tenant(parse_tenant("acme", args, mesh(signers=SIGNERS)))
    found = [body for body in bodies if body["kind"] == "ProxyConfig"]
    assert [body["metadata"]["namespace"] for body in found] == ["acme", "acme--batch"]
    assert all(body["spec"] == {"environmentVariables": {"ISTIO_META_CERT_SIGNER": "acme"}} for body in found)


def test_without_a_signer_nobody_asks_for_one():
    assert "ProxyConfig" not in {body["kind"] for body in plan_tenant(parse_tenant("acme", {}))}


def test_nothing_of_several_roots_is_said_where_there_is_one():
    assert "ISTIO_MULTIROOT_MESH" not in istiod_environment(parse_mesh())
    assert not {"caCertificates"} & mesh_config(parse_mesh()).keys()
    assert "proxyMetadata" not in mesh_config(parse_mesh())["defaultConfig"]
