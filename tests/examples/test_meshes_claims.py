"""The example `meshes` in two clusters, each with the root of the other."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tenantmesh.engine.memory import MemoryStore
from tests.examples.programs import kept, objects_of

EAST, WEST = "east.example", "west.example"
NAMES = {EAST: {}, WEST: {"trustDomain": WEST, "other": EAST}}


@pytest.fixture(scope="module")
def alone():
    """Each cluster before it knows of the other, and its state."""
    found = {}
    for domain, config in NAMES.items():
        store = MemoryStore("meshes", "dev")
        found[domain] = (objects_of("meshes", config, store), store)
    return found


def roots(run):
    return run.evaluation.outputs["rootCertificates"]


def authority(run):
    return kept(run.one("Secret", "cacerts", "istio-system"))


def subjects(pem):
    found = x509.load_pem_x509_certificates(pem.encode())
    return [one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value for one in found]


def mesh_config(run):
    (found,) = [one for one in run.evaluation.resources if one.type == "tenantmesh:index:Mesh"]
    return found.outputs["meshConfig"]


def test_each_has_an_authority_whose_intermediate_its_own_root_signed(alone):
    for run, _ in alone.values():
        secret = authority(run)
        (root,) = x509.load_pem_x509_certificates(secret["root-cert.pem"].encode())
        certificate = x509.load_pem_x509_certificate(secret["ca-cert.pem"].encode())
        certificate.verify_directly_issued_by(root)
        key = load_pem_private_key(secret["ca-key.pem"].encode(), password=None)
        assert key.public_key() == certificate.public_key()
    assert roots(alone[EAST][0]) != roots(alone[WEST][0])


def test_without_the_other_root_nothing_of_the_other_is_taken(alone):
    config = mesh_config(alone[EAST][0])
    assert not {"caCertificates", "trustDomainAliases"} & config.keys()


def test_with_the_other_root_its_workloads_count_as_the_tenants_own(alone):
    first, state = alone[EAST]
    run = objects_of("meshes", {"roots": roots(alone[WEST][0])}, state.reopened())
    config = mesh_config(run)
    (entry,) = config["caCertificates"]
    assert (entry["trustDomains"], config["trustDomainAliases"]) == ([WEST], [WEST])
    assert authority(run) == authority(first)
    (taken,) = x509.load_pem_x509_certificates(entry["pem"].encode())
    (given,) = x509.load_pem_x509_certificates(roots(alone[WEST][0]).encode())
    assert (taken.subject, taken.public_key()) == (given.subject, given.public_key())
    limits = taken.extensions.get_extension_for_class(x509.NameConstraints).value
    assert limits.permitted_subtrees == [x509.UniformResourceIdentifier(WEST)]


def test_the_authority_is_rotated_under_overlap(alone):
    state = alone[EAST][1].reopened()
    both = objects_of("meshes", {"trusted": "[1, 2]"}, state)
    changed = objects_of("meshes", {"ca": "2", "trusted": "[1, 2]"}, state.reopened())
    first, second = authority(both), authority(changed)
    assert subjects(first["root-cert.pem"]) == ["workload root CA 1", "workload root CA 2"]
    assert first["root-cert.pem"] == second["root-cert.pem"]
    assert subjects(first["ca-cert.pem"]) == ["workload intermediate CA 1"]
    assert subjects(second["ca-cert.pem"]) == ["workload intermediate CA 2"]


def test_keys_of_the_authority_are_secret_in_the_state(alone):
    state = alone[EAST][1]
    key = authority(alone[EAST][0])["ca-key.pem"]
    assert key not in repr(state.reopened().snapshot)
