"""Who signs for workloads: a root of the mesh's own, roots of other meshes beside it, and a change of the own one."""

import base64
import re

import pytest

from tests.authorities import Authority
from tests.mesh.claiming import CALLER, NOT_THE_SERVERS_ROOT, TENANT, UNKNOWN, asked, renew
from tests.mesh.vouching import Signer

OWN = "cluster.local"
PARTNER, FRIEND, STRANGER = (Authority(name=name) for name in ("partner", "friend", "stranger"))
BUNDLES = {"friend.example": FRIEND, "partner.example": PARTNER}
CACERTS = "/api/v1/namespaces/istio-system/secrets/cacerts"
NOT_ITS_NAME = "SSLV3_ALERT_CERTIFICATE_UNKNOWN"
_CERTIFICATE = re.compile("-+BEGIN CERTIFICATE-+.+?-+END CERTIFICATE-+", re.DOTALL)


def edited(ca, trusted=(1, 2)):
    """The dev stack with an authority of its own and the roots of two other meshes, one of them an alias."""
    bundles = [{"trust_domains": [name], "certificates": one.root} for name, one in BUNDLES.items()]
    trust = {"workload_ca": {"ca": ca, "trusted": list(trusted)}, "bundles": bundles}

    def edit(program):
        path = program / "stacks" / "__main__.py"
        text = path.read_text()
        assert text.count("tm.MeshArgs(") == 1
        said = f'tm.MeshArgs(trust={trust!r}, trust_domain_aliases=["friend.example"], '
        path.write_text(text.replace("tm.MeshArgs(", said))

    return edit


@pytest.fixture(scope="module")
def before(mesh, tmp_path_factory):
    """What is seen with istiod's own authority, and nobody told of other roots."""
    ca = put(tmp_path_factory.mktemp("before"), told_root(mesh))
    return {domain: asked(mesh, one, domain, ca) for domain, one in BUNDLES.items()}


@pytest.fixture(scope="module")
def own(mesh, before):  # noqa: ARG001 - what is seen without comes first
    """The mesh with an authority of its own; the other files find it with the one that istiod made itself."""
    first = told_root(mesh)
    try:
        with mesh.deployed(edited(1)):
            started(mesh, roots(mesh))
            renew(mesh, "details", "productpage")
            yield mesh
            # So that the istiod which the next deployment starts does not find it.
            mesh.lab.api.request("DELETE", CACERTS)
    finally:
        mesh.eventually(lambda: told_root(mesh) == first, 60)
        renew(mesh, "details", "productpage")
        mesh.reconnect()


@pytest.fixture(scope="module")
def first(own):
    """What istiod signs with at first."""
    return Signer.of(own, "cacerts")


@pytest.fixture
def ca(own, tmp_path):
    """The roots that istiod's Secret says, as a file."""
    return put(tmp_path, roots(own))


def put(folder, certificates):
    path = folder / "ca.crt"
    path.write_text(certificates)
    return path


def started(mesh, told):
    """istiod anew, to which nobody comes whose root is another, until every namespace is told of its roots.

    A pod reads them when it starts.
    """
    (pod,) = istiods(mesh)
    mesh.lab.api.request("DELETE", f"/api/v1/namespaces/istio-system/pods/{pod['metadata']['name']}").json()
    mesh.lab.wait("istiod", lambda: mesh.lab.are_ready("istio-system"))
    mesh.eventually(lambda: told_root(mesh) == told, 60)


def istiods(mesh):
    return mesh.lab.pods("istio-system")


def told_root(mesh):
    return mesh.lab.api.get(f"/api/v1/namespaces/{TENANT}/configmaps/istio-ca-root-cert")["data"]["root-cert.pem"]


def roots(mesh):
    data = mesh.lab.api.get(CACERTS)["data"]
    return base64.b64decode(data["root-cert.pem"]).decode()


def policy(name, action, rules):
    metadata = {"name": name, "namespace": TENANT}
    spec = {"action": action, "rules": rules}
    return {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata, "spec": spec}


def from_(name):
    return {"from": [{"source": {"principals": [name]}}]}


def called(mesh):
    """What productpage is answered by details."""
    return mesh.ask_inside(mesh.app(TENANT, "productpage"), "http://details:9080/details/0").status


def shown(mesh, folder, app):
    """For each root of the mesh, whether the chain that an App's proxy shows ends in it."""
    found = []
    for root in _CERTIFICATE.findall(roots(mesh)):
        ca = put(folder, root)
        found.append(asked(mesh, FRIEND, "friend.example", ca, app) != NOT_THE_SERVERS_ROOT)
    return found


def test_other_meshes_are_not_known_unasked(before):
    assert before == dict.fromkeys(BUNDLES, UNKNOWN)


def test_a_workloads_chain_ends_in_the_root_that_the_mesh_was_given(own, tmp_path):
    assert shown(own, tmp_path, "details") == [True, False]


def test_workloads_call_each_other_with_certificates_of_that_authority(own):
    assert called(own) == 200


def test_a_mesh_that_is_trusted_is_known_and_let_in_to_nothing_by_that(own, ca):
    assert asked(own, PARTNER, "partner.example", ca) == 403
    line = f"source=spiffe://partner.example/{CALLER} "
    own.eventually(lambda: line in own.proxy_log(own.app(TENANT, "details")), 60)


def test_identities_of_an_alias_count_as_the_tenants_own(own, ca):
    assert asked(own, FRIEND, "friend.example", ca) == 200


def test_policies_can_let_in_one_workload_of_another_mesh(own, ca):
    """What `verify` finds by the rule foreign-trust-domain: the fence leaves it out, and something allows it."""
    name = f"partner.example/{CALLER}"
    fence = own.lab.api.get(f"/apis/security.istio.io/v1/namespaces/{TENANT}/authorizationpolicies/fence")
    rules = fence["spec"]["rules"]
    rules[0]["from"][0]["source"]["notPrincipals"].append(name)
    changed, allowed = policy("fence", "DENY", rules), policy("allow-partner", "ALLOW", [from_(name)])
    with own.changed(changed), own.applied(allowed):
        assert asked(own, PARTNER, "partner.example", ca) == 200
    assert asked(own, PARTNER, "partner.example", ca) == 403


@pytest.mark.parametrize("claimed", [OWN, "friend.example", "other.example"])
def test_the_root_of_another_mesh_signs_for_no_trust_domain_but_its_own(own, ca, claimed):
    assert asked(own, PARTNER, claimed, ca) == NOT_ITS_NAME


def test_a_root_that_nobody_told_of_is_unknown_whatever_it_signs(own, ca):
    assert {asked(own, STRANGER, domain, ca) for domain in (OWN, *BUNDLES)} == {UNKNOWN}


def test_while_the_authority_changes_old_and_new_certificates_are_good(own, first, tmp_path):
    """The one before the last here, for it leaves the new authority in place."""
    own.deploy(own.edited(edited(2)))
    started(own, roots(own))
    renew(own, "productpage")
    assert shown(own, tmp_path, "productpage") == [False, True]
    assert shown(own, tmp_path, "details") == [True, False]
    assert called(own) == 200
    assert asked(own, first, OWN, put(tmp_path, roots(own))) == 200


def test_once_the_old_authority_is_gone_its_certificates_are_refused(own, first, tmp_path):
    """A proxy that is told of other roots has its certificate signed anew: pods go on as they are."""
    own.deploy(own.edited(edited(2, trusted=[2])))
    started(own, roots(own))
    own.eventually(lambda: [shown(own, tmp_path, app) for app in ("details", "productpage")] == [[True], [True]], 60)
    assert called(own) == 200
    assert asked(own, first, OWN, put(tmp_path, roots(own))) == UNKNOWN
