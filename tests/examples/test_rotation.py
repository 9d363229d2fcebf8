"""The three runs of the example `rotation`, with the certificates that they make checked by cryptography."""

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tenantmesh.engine.memory import MemoryStore
from tests.examples.programs import Found, kept, objects_of

STEPS = [
    {},
    {"trusted": "[1, 2]"},
    {"ca": "2", "trusted": "[1, 2]"},
    {"ca": "2", "trusted": "[2]"},
    {"ca": "2", "trusted": "[2]", "leaf": "2"},
]


@pytest.fixture(scope="module")
def runs() -> list[Found]:
    """The example deployed step by step, each on the state of the one before."""
    store, found = MemoryStore("rotation", "dev"), []
    for config in STEPS:
        found.append(objects_of("rotation", config, store))
        store = store.reopened()
    return found


def certificates(secret, key):
    return x509.load_pem_x509_certificates(kept(secret)[key].encode())


def server(run):
    return run.one("Secret", "ledger-ingress-tls")


def client(run):
    return run.one("Secret", "ledger--client--auditor")


def roots(run):
    """Common names of the roots whose clients the gateway accepts."""
    return [root.subject.rfc4514_string().partition("CN=")[2].partition(",")[0] for root in trusted(run)]


def trusted(run):
    return certificates(server(run), "ca.crt")


def accepted(chain, bundle):
    """Whether a leaf and its intermediate lead to one of the roots, every signature checked."""
    leaf, intermediate = chain
    leaf.verify_directly_issued_by(intermediate)
    return any(_issued(intermediate, root) for root in bundle)


def _issued(certificate, issuer):
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, InvalidSignature):
        return False
    return True


def test_the_bundle_goes_from_one_root_over_both_to_the_other(runs):
    assert [roots(run) for run in runs] == [
        ["ledger root CA 1"],
        ["ledger root CA 1", "ledger root CA 2"],
        ["ledger root CA 1", "ledger root CA 2"],
        ["ledger root CA 2"],
        ["ledger root CA 2"],
    ]


def test_a_root_stays_the_same_through_the_runs(runs):
    """Trusting a second root makes no new first one, or its clients were refused."""
    first, both, signing, _, _ = [trusted(run) for run in runs]
    assert first[0] == both[0] == signing[0]
    assert both[1] == signing[1]


def test_no_client_is_refused_on_the_way(runs):
    """Each run's clients are accepted by that run's gateway, and by the next until the old root is dropped."""
    for run in runs:
        assert accepted(certificates(client(run), "tls.crt"), trusted(run))
    for before, after in ((0, 1), (1, 2), (2, 3), (3, 4)):
        assert accepted(certificates(client(runs[before]), "tls.crt"), trusted(runs[after]))
    assert not accepted(certificates(client(runs[0]), "tls.crt"), trusted(runs[3]))


def test_the_signing_root_changes_when_ca_is_raised(runs):
    intermediates = [certificates(server(run), "tls.crt")[1] for run in runs]
    signers = [[_issued(one, root) for root in trusted(runs[1])].index(True) + 1 for one in intermediates]
    assert signers == [1, 1, 2, 2, 2]


def test_a_new_leaf_has_a_new_key_under_the_same_intermediate(runs):
    old, new = (certificates(server(run), "tls.crt") for run in runs[3:])
    assert old[1] == new[1]
    assert old[0].public_key() != new[0].public_key()


@pytest.mark.parametrize("secret", [server, client])
def test_the_key_in_a_secret_is_its_certificates(runs, secret):
    for run in runs:
        key = load_pem_private_key(kept(secret(run))["tls.key"].encode(), None)
        assert key.public_key() == certificates(secret(run), "tls.crt")[0].public_key()


def test_the_server_is_certified_for_the_tenants_hosts(runs):
    for run in runs:
        names = certificates(server(run), "tls.crt")[0].extensions.get_extension_for_class(x509.SubjectAlternativeName)
        hosts = names.value.get_values_for_type(x509.DNSName)
        assert sorted(hosts) == ["*.ledger.example.com", "ledger.example.com"]
