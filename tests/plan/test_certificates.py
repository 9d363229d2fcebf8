"""The chain that is described, and the Secrets that it ends in."""

import pytest

from tenantmesh.args.parse import parse_tenant
from tenantmesh.plan.certificates import CertificateMaterial, Leaf, plan_chain
from tenantmesh.plan.tenant import plan_tenant


def tenant(certificates=None, **ingress):
    args = {"domain": "acme.example.com", "ingress": {**ingress, "certificates": certificates}}
    return parse_tenant("acme", args)


def chain(certificates=None, **ingress):
    found = plan_chain(tenant(certificates, **ingress))
    assert found is not None
    return found


def test_a_chain_is_root_intermediate_and_leaf():
    root, intermediate, server = chain().requests
    assert (root.name, root.signer, root.authority) == ("acme/root-1", "", True)
    assert (intermediate.name, intermediate.signer, intermediate.authority) == (
        "acme/intermediate-1",
        "acme/root-1",
        True,
    )
    assert (server.name, server.signer, server.authority) == ("acme/server-1-1", "acme/intermediate-1", False)
    assert server.dns_names == ("*.acme.example.com", "acme.example.com")
    assert server.common_name == "acme.example.com"


def test_signers_come_first_and_live_longer():
    found = chain({"clients": ["ci", "ann"], "epochs": {"ca": 3}})
    seen = {}
    for request in found.requests:
        if request.signer:
            assert seen[request.signer].authority
            assert seen[request.signer].validity_hours >= request.validity_hours
        seen[request.name] = request
    assert {*found.roots, found.intermediate, found.server, *found.clients.values()} == set(seen)


def test_a_client_may_be_a_client_only():
    found = chain({"clients": ["ci"]})
    (client,) = [request for request in found.requests if request.name == found.clients["ci"]]
    assert client.uses == ("client_auth", "digital_signature")
    assert client.dns_names == ("ci.clients.acme.example.com",)


def test_the_roots_of_two_epochs_are_trusted_while_a_ca_is_rotated():
    assert chain({"epochs": {"ca": 2}}).roots == ("acme/root-1", "acme/root-2")
    assert chain({"epochs": {"ca": 2, "trusted": [2]}}).roots == ("acme/root-2",)


def test_a_new_leaf_changes_no_authority():
    first, second = chain(), chain({"epochs": {"leaf": 2}})
    assert first.requests[:2] == second.requests[:2]
    assert first.server != second.server


@pytest.mark.parametrize(
    "ingress",
    [
        {"client_tls": "none"},
        {"client_tls": "passthrough"},
        {"certificates": {"secret_name": "mine"}},
        {"certificates": {"issuer": {"name": "le"}}},
    ],
)
def test_nothing_is_generated_where_nothing_is_needed(ingress):
    assert plan_chain(parse_tenant("acme", {"domain": "acme.example.com", "ingress": ingress})) is None


def secrets(spec):
    leaves = {name: object() for name in ("roots", "chain", "key", "client chain", "client key")}
    material = CertificateMaterial(
        roots=leaves["roots"],
        server=Leaf(chain=leaves["chain"], key=leaves["key"]),
        clients={"ci": Leaf(chain=leaves["client chain"], key=leaves["client key"])},
    )
    found = {body["metadata"]["name"]: body for body in plan_tenant(spec, material) if body["kind"] == "Secret"}
    names = {id(leaf): name for name, leaf in leaves.items()}
    return {name: {key: names[id(leaf)] for key, leaf in body["stringData"].items()} for name, body in found.items()}


def test_keys_end_in_secrets_untouched():
    assert secrets(tenant(client_tls="mutual")) == {
        "acme-ingress-tls": {"ca.crt": "roots", "tls.crt": "chain", "tls.key": "key"},
        "acme--client--ci": {"ca.crt": "roots", "tls.crt": "client chain", "tls.key": "client key"},
    }


def test_a_gateway_that_asks_no_client_trusts_no_client():
    assert "ca.crt" not in secrets(tenant(client_tls="simple"))["acme-ingress-tls"]


def test_an_issuer_is_asked_for_the_tenants_hosts(planned):
    certificates = {"issuer": {"name": "le", "kind": "ClusterIssuer"}, "validity": {"leaf": 720}}
    plan = planned({"domain": "acme.example.com", "ingress": {"certificates": certificates}})
    spec = plan.spec("Certificate", "acme-ingress")
    assert spec["issuerRef"] == {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "le"}
    assert (spec["secretName"], spec["duration"], spec["renewBefore"]) == ("acme-ingress-tls", "720h0m0s", "240h0m0s")
    assert spec["dnsNames"] == ["*.acme.example.com", "acme.example.com"]
