"""What Secrets hold is told by fingerprints, what two share is found, and nothing gives a key away."""

import base64
import datetime
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.trust import Trust
from tenantmesh.graph.trust.certificates import read
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.keys import START, Pair, secret


class Hidden:
    """What an engine wraps around a value that is secret."""

    def __init__(self, value) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "[secret]"


@pytest.fixture(scope="module")
def root():
    return Pair("root", authority=True, days=3650)


def trust(*bodies):
    return Trust(Cluster(Manifest.of(ManifestObject(body=body) for body in bodies)))


def test_a_secret_holds_a_chain_and_a_key(root):
    leaf = Pair("web", by=root)
    body = secret("acme", "tls", tls_crt=leaf.crt + root.crt, tls_key=leaf.key())
    (found,) = trust(body).materials("acme")
    assert [(place.path, one.subject, one.authority) for place, one in found.certificates] == [
        ("stringData.tls.crt", "CN=web", False),
        ("stringData.tls.crt", "CN=root", True),
    ]
    assert found.certificates[0][1].issuer == "CN=root"
    assert [(place.path, key) for place, key in found.keys] == [("stringData.tls.key", found.certificates[0][1].key)]
    assert found.unread == ()


def test_a_fingerprint_is_the_one_that_other_tools_show(root):
    public = root.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (one,) = read(root.crt).certificates
    assert one.key == hashlib.sha256(public).hexdigest()
    assert one.fingerprint == hashlib.sha256(root.certificate.public_bytes(Encoding.DER)).hexdigest()
    assert one.expires == START + datetime.timedelta(days=3650)


@pytest.mark.parametrize("encoded", [False, True], ids=["stringData", "data"])
def test_both_spellings_of_a_secret_are_the_same(root, encoded):
    (found,) = trust(secret("acme", "tls", encoded=encoded, tls_crt=root.crt)).materials("acme")
    assert len(found.certificates) == 1


def test_an_rsa_key_is_read_too():
    pair = Pair("web", key=rsa.generate_private_key(65537, 2048))
    assert read(pair.key()).keys == (read(pair.crt).certificates[0].key,)


def test_values_that_the_engine_wraps_are_read():
    pair = Pair("web")
    body = secret("acme", "tls", tls_crt=pair.crt, tls_key=pair.key())
    body["stringData"] = Hidden({name: Hidden(value) for name, value in body["stringData"].items()})
    (found,) = trust(body).materials("acme")
    assert len(found.keys) == len(found.certificates) == 1


@pytest.mark.parametrize(
    "entries",
    [
        {"tls_crt": "", "tls_key": ""},
        {"tls_crt": object()},
        {"keys_p12": "binary"},
        {"tls_crt": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"},
        {"tls_crt": "-----BEGIN CERTIFICATE-----\nunfinished"},
        {"tls_key": Pair("web").key(b"password")},
    ],
    ids=["left out", "unknown", "store", "nonsense", "unfinished", "encrypted"],
)
def test_what_cannot_be_read_is_named_by_its_entry(entries):
    (found,) = trust(secret("acme", "tls", **entries)).materials("acme")
    assert [place.path for place in found.unread] == [f"stringData.{name.replace('_', '.')}" for name in entries]
    assert (found.certificates, found.keys) == ((), ())


def test_broken_base64_is_not_read():
    body = secret("acme", "tls") | {"data": {"tls.crt": "%%%"}}
    (found,) = trust(body).materials("acme")
    assert [place.path for place in found.unread] == ["data.tls.crt"]


def test_a_password_is_no_key():
    (found,) = trust(secret("acme", "db", password="hunter2")).materials("acme")
    assert not found


def test_one_key_in_two_secrets_is_found():
    """A new certificate on an old key is the old key."""
    old = Pair("old")
    new = Pair("new", key=old.private)
    bodies = [
        secret("acme", "tls", tls_crt=old.crt, tls_key=old.key()),
        secret("globex", "tls", tls_crt=new.crt, tls_key=new.key()),
        secret("globex", "other", tls_key=Pair("other").key()),
    ]
    (shared,) = trust(*bodies).shared_keys
    assert shared.namespaces == ("acme", "globex")
    assert [str(place) for place in shared.places] == [
        "Secret acme/tls stringData.tls.key",
        "Secret globex/tls stringData.tls.key",
    ]
    assert shared.subject in ("CN=old", "CN=new")


def test_one_key_twice_in_one_secret_is_not_shared():
    pair = Pair("web")
    assert trust(secret("acme", "tls", tls_key=pair.key(), old_key=pair.key())).shared_keys == ()


def test_an_authority_in_two_namespaces_is_found_and_how_it_is_trusted(root):
    bodies = [
        secret("acme", "tls", tls_crt=Pair("a", by=root).crt + root.crt),
        secret("globex", "clients", ca_crt=root.crt),
        secret("globex", "tls", tls_crt=Pair("b", by=root).crt),
    ]
    (shared,) = trust(*bodies).shared_authorities
    assert (shared.subject, shared.namespaces) == ("CN=root", ("acme", "globex"))
    assert [place.anchor for place in shared.places] == [False, True]


def test_a_leaf_that_is_trusted_as_an_anchor_is_an_authority():
    leaf = Pair("leaf")
    bodies = [secret("acme", "a", cacert=leaf.crt), secret("globex", "b", cacert=leaf.crt)]
    assert len(trust(*bodies).shared_authorities) == 1
    assert (
        trust(secret("acme", "a", tls_crt=leaf.crt), secret("globex", "b", tls_crt=leaf.crt)).shared_authorities == ()
    )


def test_two_tenants_with_roots_of_their_own_share_nothing():
    bodies = []
    for name in ("acme", "globex"):
        own = Pair("root", authority=True)
        leaf = Pair("web", by=own)
        bodies.append(secret(name, "tls", tls_crt=leaf.crt + own.crt, tls_key=leaf.key(), ca_crt=own.crt))
    found = trust(*bodies)
    assert (found.shared_keys, found.shared_authorities) == ((), ())


def test_a_bundle_in_a_config_map_counts_but_not_the_clusters_own(root):
    def bundle(namespace, name):
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace},
            "data": {"ca.crt": root.crt},
        }

    everywhere = [bundle(space, "istio-ca-root-cert") for space in ("acme", "globex")]
    assert trust(*everywhere).shared_authorities == ()
    assert len(trust(bundle("acme", "clients"), secret("globex", "x", ca_crt=root.crt)).shared_authorities) == 1


def issued(namespace, issuer, kind="ClusterIssuer"):
    spec = {"secretName": "tls", "issuerRef": {"name": issuer, "kind": kind}}
    metadata = {"name": issuer, "namespace": namespace}
    return {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "spec": spec}


def issuer(name, **spec):
    metadata = {"name": name}
    return {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": metadata, "spec": spec}


BOTH = [("acme", "globex")]


@pytest.mark.parametrize(
    ("objects", "shared", "unseen"),
    [([issuer("own", ca={"secretName": "x"})], BOTH, []), ([], [], BOTH), ([issuer("own", acme={})], [], [])],
    ids=["of its own", "not there", "public"],
)
def test_an_issuer_of_the_cluster_that_signs_for_two_namespaces_is_shared(objects, shared, unseen):
    found = trust(*objects, issued("acme", "own"), issued("globex", "own"), issued("globex", "other"))
    assert [one.namespaces for one in found.shared_issuers] == shared
    assert [one.namespaces for one in found.unseen_issuers] == unseen


def test_an_issuer_of_a_namespace_is_its_own():
    found = trust(issued("acme", "own", "Issuer"), issued("globex", "own", "Issuer"))
    assert (found.shared_issuers, found.unseen_issuers) == ((), ())


def test_other_blocks_are_passed_over():
    found = read("-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n" + _PAIR.crt)
    assert (len(found.certificates), found.unread) == (1, ())


def test_nothing_that_is_told_holds_a_key():
    """The texts of all that comes out, by which somebody might print it, hold no line of the private key."""
    pair = Pair("web")
    hidden = {field: Hidden(value) for field, value in {"tls.crt": pair.crt, "tls.key": pair.key()}.items()}
    bodies = [secret(space, "tls") | {"stringData": hidden} for space in ("acme", "globex")]
    found = trust(*bodies)
    texts = repr((found.materials("acme"), found.shared_keys, found.shared_authorities))
    assert not any(line in texts for line in pair.key().splitlines()[1:-1])
    assert base64.b64encode(pair.key().encode()).decode()[:40] not in texts


@given(st.text(alphabet="-BEGIN CERTFAKY\n=", max_size=300))
def test_reading_any_text_ends_without_an_error(text):
    read(text)


@given(st.lists(st.sampled_from(["crt", "key", "noise"]), max_size=6))
def test_blocks_are_found_between_whatever_else(parts):
    pieces = {"crt": _PAIR.crt, "key": _PAIR.key(), "noise": "some words\n"}
    found = read("".join(pieces[part] for part in parts))
    assert (len(found.certificates), len(found.keys)) == (parts.count("crt"), parts.count("key"))
    assert found.unread == ()


_PAIR = Pair("pair", key=ec.derive_private_key(7, ec.SECP256R1()))
