"""Roots of other meshes are limited to those meshes' trust domains."""

import ipaddress

import pytest
from cryptography import x509

from tenantmesh.args.parse.anchors import limited, permitted
from tests.authorities import Authority

URI = x509.UniformResourceIdentifier


def root(*limits):
    return x509.load_pem_x509_certificate(Authority(name="partner", limits=limits).root.encode())


def constraints(certificate):
    return certificate.extensions.get_extension_for_class(x509.NameConstraints)


def test_a_root_keeps_its_name_key_and_time():
    one = root()
    made = limited(one, ["a.example"])
    for name in ("subject", "issuer", "serial_number", "not_valid_before_utc", "not_valid_after_utc"):
        assert getattr(made, name) == getattr(one, name)
    assert made.public_key() == one.public_key()
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_root_is_left_the_trust_domains_and_no_other():
    found = constraints(limited(root(), ["b.example", "a.example"]))
    assert found.critical
    assert found.value.permitted_subtrees == [URI("a.example"), URI("b.example")]


def test_the_same_root_becomes_the_same():
    one = root()
    assert limited(one, ["a.example"]) == limited(one, ["a.example"])


@pytest.mark.parametrize(
    ("own", "domains", "left"),
    [
        ((), ["a.example"], ["a.example"]),
        (("a.example",), ["a.example", "b.example"], ["a.example"]),
        (("a.example", "c.example"), ["a.example"], ["a.example"]),
        ((".example",), ["a.example"], ["a.example"]),
        ((".example",), ["example"], []),
        (("b.example",), ["a.example"], []),
    ],
)
def test_what_a_root_may_not_itself_it_is_not_given(own, domains, left):
    assert permitted(root(*own), domains) == left
    if left:
        assert constraints(limited(root(*own), domains)).value.permitted_subtrees == [URI(one) for one in left]


def test_what_a_root_says_of_other_names_stays():
    """Limits of DNS names and addresses have nothing to do with identities, and are no less than before."""
    network = x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))
    own = x509.NameConstraints([x509.DNSName("dns.example"), URI("a.example")], [network])
    authority = Authority(name="partner", constraints=own)
    found = constraints(limited(x509.load_pem_x509_certificate(authority.root.encode()), ["a.example"])).value
    assert found.permitted_subtrees == [x509.DNSName("dns.example"), URI("a.example")]
    assert found.excluded_subtrees == [network]
