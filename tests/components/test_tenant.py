"""The component Tenant: its objects as resources, its options, its outputs."""

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from cryptography import x509

import tenantmesh as tm
from tenantmesh.engine.values import Secret, reveal
from tests.components.programs import body, made, problems, resource

INGRESS = {
    "domain": "acme.example.com",
    "ingress": {"client_tls": "mutual", "certificates": {"clients": ["ci", "ann"]}},
}
OUTPUTS = ("namespaces", "endpoint", "address", "addresses", "node_ports", "ca_certificates", "client_certificates")


def tenant(args=None, **options):
    return made(lambda: tm.Tenant("acme", args or {}, pulumi.ResourceOptions(**options)))


def exported(args):
    def program():
        made = tm.Tenant("acme", args)
        for name in OUTPUTS:
            pulumi.export(name, getattr(made, name))

    return program


EGRESS = {"services": [{"host": "api.example.org"}], "replicas": {"minimum": 1}}


def test_logical_names_are_tenant_namespace_and_name():
    """State and URNs depend on them: a change of one replaces what is deployed."""
    found = tenant()
    assert sorted(item.urn.partition("::tenantmesh:index:Tenant$")[2] for item in found.manifest) == [
        "kubernetes:core/v1:LimitRange::acme/acme/tenant",
        "kubernetes:core/v1:Namespace::acme/acme",
        "kubernetes:core/v1:ResourceQuota::acme/acme/system-priority",
        "kubernetes:core/v1:ResourceQuota::acme/acme/tenant",
        "kubernetes:core/v1:ServiceAccountPatch::acme/acme/default",
        "kubernetes:networking.istio.io/v1:Sidecar::acme/acme/default",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme/acme/allow-control-plane",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme/acme/allow-dns",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme/acme/allow-observability",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme/acme/allow-tenant",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy::acme/acme/default-deny",
        "kubernetes:security.istio.io/v1:AuthorizationPolicy::acme/acme/allow-tenant",
        "kubernetes:security.istio.io/v1:AuthorizationPolicy::acme/acme/fence",
        "kubernetes:security.istio.io/v1:PeerAuthentication::acme/acme/default",
    ]


def test_every_object_is_a_child_of_the_tenant():
    found = tenant(INGRESS)
    owner = resource(found, "acme", "Tenant").urn
    children = [state for state in found.resources if state.custom and state.type.startswith(("kubernetes:", "tls:"))]
    assert children
    assert {state.parent for state in children} == {owner}


def test_the_default_service_account_is_patched():
    """Kubernetes makes it in every namespace, and to create what is there fails."""
    found = tenant()
    assert resource(found, "acme/acme/default", "ServiceAccountPatch").type == "kubernetes:core/v1:ServiceAccountPatch"
    assert body(found, "acme/acme/default", "ServiceAccountPatch")["automountServiceAccountToken"] is False


def test_an_object_waits_for_its_namespace_and_a_gateway_for_its_account_and_what_that_may_read():
    """istiod remembers that a gateway may not read its Secrets; one that came too early had to be made anew."""
    found = tenant(INGRESS)
    namespace = resource(found, "acme/acme", "Namespace").urn
    account, role, binding = (
        resource(found, "acme/acme/acme-ingress", kind) for kind in ("ServiceAccount", "Role", "RoleBinding")
    )
    assert namespace in account.dependencies
    assert {account.urn, binding.urn} <= {*resource(found, "acme/acme/acme-ingress", "Deployment").dependencies}
    assert role.urn in binding.dependencies
    assert namespace in resource(found, "acme/acme/default-deny", "NetworkPolicy").dependencies


def test_a_way_in_waits_for_the_quota_that_counts_it():
    """A tenant that is there already has less, until its quota has grown: the API server would refuse the Service."""
    small = {"replicas": {"minimum": 1}}
    args = {"domain": "acme.example.com", "ingress": small, "ingresses": {"staff": small}, "egress": EGRESS}
    found = made(lambda: tm.Tenant("acme", args))
    quota = resource(found, "acme/acme/tenant", "ResourceQuota").urn
    for name in ("acme-ingress", "acme-ingress--staff"):
        assert quota in resource(found, f"acme/acme/{name}", "Service").dependencies
    assert quota not in resource(found, "acme/acme/acme-egress", "Service").dependencies


def test_protect_and_retain_land_on_what_holds_everything():
    """Namespaces hold all objects, and a root's key can't be made again; nothing else need be kept."""
    found = tenant({**INGRESS, "settings": {"protect": True, "retain": True}})
    kept = {
        (state.type.rpartition(":")[2], state.urn.rpartition("::")[2]) for state in found.resources if state.protect
    }
    assert kept == {
        ("Namespace", "acme/acme"),
        ("PrivateKey", "acme/root-1"),
        ("SelfSignedCert", "acme/root-1"),
    }
    retained = [state.urn.rpartition("::")[2] for state in found.resources if state.retain_on_delete]
    assert retained == ["acme/acme"]


def test_nothing_is_kept_unasked():
    found = tenant(INGRESS)
    assert [state.urn for state in found.resources if state.protect or state.retain_on_delete] == []


def test_wrong_arguments_are_all_named_by_path():
    args = {
        "domian": "acme.example.com",
        "quota": {"pods": -1, "cpu": "many"},
        "ingress": {"https_port": 70000, "client_tls": "sometimes"},
        "access": [{"role": "developer"}],
    }
    found = problems(lambda: tm.Tenant("acme", args))
    paths = sorted(problem.partition(": ")[0] for problem in found)
    assert paths == [
        "tenants.acme.access[0]",
        "tenants.acme.domian",
        "tenants.acme.ingress.client_tls",
        "tenants.acme.ingress.https_port",
        "tenants.acme.quota.cpu",
        "tenants.acme.quota.pods",
    ]


def test_what_decides_on_shape_has_to_be_known_when_the_program_runs():
    """A preview shows every object because no number or name of them is an output."""

    def program():
        later = pulumi.Output.from_input("a.example.com")
        tm.Tenant("acme", {"domain": later, "ingress": {"hosts": [later]}})

    found = problems(program)
    assert [problem.partition(": ")[0] for problem in found] == ["tenants.acme.domain", "tenants.acme.ingress.hosts[0]"]
    assert all("not known in time" in problem for problem in found)


def test_the_outputs_of_a_tenant_with_a_way_in():
    found = made(exported(INGRESS)).outputs
    assert found["namespaces"] == ["acme"]
    assert found["endpoint"] == "https://acme.example.com"
    (root,) = x509.load_pem_x509_certificates(found["ca_certificates"].encode())
    assert "acme root CA 1" in root.subject.rfc4514_string()


def test_client_certificates_are_secret_and_signed_by_the_roots():
    found = made(exported(INGRESS)).outputs
    assert isinstance(found["client_certificates"], Secret)
    clients = reveal(found["client_certificates"])
    assert sorted(clients) == ["ann", "ci"]
    (root,) = x509.load_pem_x509_certificates(found["ca_certificates"].encode())
    for pem in clients.values():
        assert "PRIVATE KEY" in pem
        leaf, intermediate = x509.load_pem_x509_certificates(pem.encode())
        leaf.verify_directly_issued_by(intermediate)
        intermediate.verify_directly_issued_by(root)


def test_the_outputs_of_a_locked_tenant_are_empty():
    found = reveal(made(exported({})).outputs)
    assert found == {
        "namespaces": ["acme"],
        "endpoint": "",
        "address": "",
        "addresses": {},
        "node_ports": {},
        "ca_certificates": "",
        "client_certificates": {},
    }


@pytest.mark.parametrize(
    ("ingress", "endpoint"),
    [
        ({"client_tls": "none"}, "http://acme.example.com"),
        ({"https_port": 8443}, "https://acme.example.com:8443"),
        ({"hosts": ["*.x.example.com", "y.example.com"]}, "https://y.example.com"),
    ],
)
def test_the_endpoint_is_the_first_host_that_can_be_called(ingress, endpoint):
    found = made(exported({"domain": "acme.example.com", "ingress": ingress}))
    assert found.outputs["endpoint"] == endpoint


def test_a_preview_knows_the_objects_but_not_the_keys():
    found = made(exported(INGRESS), preview=True)
    assert len(found.manifest) == len(made(exported(INGRESS)).manifest)
    assert found.outputs["endpoint"] == "https://acme.example.com"


def test_the_provider_of_a_tenant_is_its_objects():
    """So tenants of one program can be in several clusters."""

    def program():
        other = kubernetes.Provider("other", render_yaml_to_directory="unused")
        tm.Tenant("acme", opts=pulumi.ResourceOptions(provider=other))

    found = made(program, preview=True)
    used = {state.provider.partition("::")[2] for state in found.resources if state.type.startswith("kubernetes:")}
    assert len(used) == 1
    assert "kubernetes::other" in used.pop()


def test_transforms_reach_every_object():
    """The last of the three overrides: arguments, patches, transforms."""

    def label(args):
        if args.type_ != "kubernetes:core/v1:Namespace":
            return None
        metadata = {**args.props["metadata"]}
        metadata["labels"] = {**metadata["labels"], "cost-center": "42"}
        return pulumi.ResourceTransformResult({**args.props, "metadata": metadata}, args.opts)

    found = tenant(transforms=[label])
    assert body(found, "acme/acme", "Namespace")["metadata"]["labels"]["cost-center"] == "42"
