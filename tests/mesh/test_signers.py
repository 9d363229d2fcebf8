"""An authority for each tenant in one mesh: whose certificates its workloads have, and whose they take."""

import pytest

from tests.authorities import Authority
from tests.mesh.certifying import signing
from tests.mesh.claiming import NOT_THE_SERVERS_ROOT, TENANT, UNKNOWN, asked, renew

OWN = "cluster.local"
ROOTS = {tenant: Authority(name=f"authority of {tenant}") for tenant in (TENANT, "tenant2")}
SIGNERS = {f"signers.example.com/{tenant}": one for tenant, one in ROOTS.items()}


def edit(program):
    """The dev stack with a signer for each tenant."""
    path = program / "stacks" / "__main__.py"
    text = path.read_text()
    assert [text.count(part) for part in ("tm.MeshArgs(", "tm.SettingsArgs(")] == [1, 1]
    trust = {"signers": [{"name": name, "certificate": one.root} for name, one in SIGNERS.items()]}
    text = text.replace("tm.MeshArgs(", f"tm.MeshArgs(trust={trust!r}, ")
    path.write_text(text.replace("tm.SettingsArgs(", 'tm.SettingsArgs(signer=f"signers.example.com/{name}", '))


@pytest.fixture(scope="module")
def signed(mesh):
    """Two Apps of each tenant with certificates of the tenant's own authority."""
    try:
        with signing(mesh.lab.api, SIGNERS), mesh.deployed(edit):
            renew(mesh, "details", "productpage", tenants=ROOTS)
            yield mesh
    finally:
        renew(mesh, "details", "productpage", tenants=ROOTS)


@pytest.fixture
def roots(tmp_path):
    """The authorities' certificates as files."""
    found = {tenant: tmp_path / f"{tenant}.crt" for tenant in ROOTS}
    for tenant, path in found.items():
        path.write_text(ROOTS[tenant].root)
    return found


def test_workloads_have_certificates_of_their_tenants_authority(signed, roots):
    for tenant, other in (ROOTS, list(ROOTS)[::-1]):
        shown = {name: asked(signed, ROOTS[tenant], OWN, roots[name], tenant=tenant) for name in (tenant, other)}
        assert shown[tenant] != NOT_THE_SERVERS_ROOT
        assert shown[other] == NOT_THE_SERVERS_ROOT


def test_workloads_of_a_tenant_call_each_other(signed):
    assert signed.ask_inside(signed.app(TENANT, "productpage"), "http://details:9080/details/0").status == 200


def test_a_name_of_the_tenant_counts_if_its_own_authority_signed_it(signed, roots):
    assert asked(signed, ROOTS[TENANT], OWN, roots[TENANT]) == 200


def test_a_name_of_the_tenant_that_another_tenants_authority_signed_is_unknown(signed, roots):
    assert asked(signed, ROOTS["tenant2"], OWN, roots[TENANT]) == UNKNOWN
    # Where that authority is known, the name is one that the other tenant does not let in.
    assert asked(signed, ROOTS["tenant2"], OWN, roots["tenant2"], tenant="tenant2") == 403
