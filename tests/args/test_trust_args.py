"""Authorities of workloads, and bundles of other meshes' roots, from what users write."""

import datetime

import pytest
from cryptography import x509

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.errors import ArgsError
from tests.authorities import Authority

_NOW = datetime.datetime.now(datetime.UTC)
ONE, OTHER = Authority(name="one").root, Authority(name="other").root
ENDED = Authority(name="ended", ends=_NOW - datetime.timedelta(days=1)).root
WORKLOAD = Authority(name="workload", authority=False).root


def bundle(domain="partner.example", certificates=ONE):
    return {"trust_domains": [domain], "certificates": certificates}


def subject(pem):
    return x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()


def bundles(*some):
    return parse_mesh({"trust": {"bundles": list(some)}}).trust.bundles


def test_a_mesh_has_no_authority_of_its_own_and_trusts_no_other_unasked():
    trust = parse_mesh().trust
    assert (trust.workload_ca, trust.bundles, trust.several_roots) == (None, (), False)


def test_an_authority_trusts_its_generation_and_the_last():
    def trusted(**args):
        return parse_mesh({"trust": {"workload_ca": args}}).trust.workload_ca.trusted

    assert trusted() == (1,)
    assert trusted(ca=2) == (1, 2)
    assert trusted(ca=2, trusted=[2]) == (2,)
    assert trusted(trusted=[1, 2]) == (1, 2)


def test_the_certificates_of_a_bundle_are_told_apart_once_each():
    (found,) = bundles(bundle(certificates=ONE + OTHER + ONE))
    assert sorted(map(subject, found.certificates)) == ["CN=one", "CN=other"]


def test_what_stands_around_a_certificate_is_left_out():
    assert bundles(bundle(certificates=f"# the root\n{ONE}\n")) == bundles(bundle(certificates=ONE))


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        ([bundle(certificates="nothing")], "mesh.trust.bundles[0].certificates: can't be read: write certificates"),
        ([bundle(certificates=7)], "mesh.trust.bundles[0].certificates: 7 is not PEM certificates"),
        ([bundle(certificates=ONE.replace("M", "?"))], "mesh.trust.bundles[0].certificates: can't be read"),
        ([bundle(certificates=WORKLOAD)], "certificates: 'CN=workload' is no certificate of an authority"),
        ([bundle(certificates=ENDED)], f"'CN=ended' ran out on {(_NOW - datetime.timedelta(days=1)).date()}"),
        (
            [bundle("partner.example", Authority(name="bound", limits=("other.example",)).root)],
            "certificates: 'CN=bound' may sign for none of partner.example: write that mesh's trust domain",
        ),
        ([bundle("*")], "mesh.trust.bundles[0].trust_domains[0]: '*' is not a domain"),
        ([bundle("cluster.local")], "mesh.trust.bundles[0].trust_domains: 'cluster.local' is this mesh's own"),
        ([{"certificates": ONE}], "mesh.trust.bundles[0].trust_domains: is missing"),
        ([{"trust_domains": [], "certificates": ONE}], "mesh.trust.bundles[0].trust_domains: is empty"),
        ([{"trust_domains": ["a.example"]}], "mesh.trust.bundles[0].certificates: is missing"),
        (
            [bundle(), bundle(certificates=OTHER)],
            "mesh.trust.bundles[1].trust_domains: 'partner.example' is in bundles[0] too",
        ),
    ],
)
def test_a_wrong_bundle_is_refused_by_path(some, expected):
    with pytest.raises(ArgsError) as caught:
        bundles(*some)
    assert expected in str(caught.value)


def test_every_wrong_certificate_of_a_bundle_is_named():
    with pytest.raises(ArgsError) as caught:
        bundles(bundle(certificates=WORKLOAD + ENDED))
    assert len(caught.value.problems) == 2


def test_the_own_trust_domain_is_the_one_that_is_given():
    args = {"trust_domain": "next.example", "trust": {"bundles": [bundle("next.example")]}}
    with pytest.raises(ArgsError, match=r"'next\.example' is this mesh's own"):
        parse_mesh(args)
    assert parse_mesh({**args, "trust_domain": "other.example"}).trust.bundles


def signer(name="signers.example.com/acme", certificate=ONE):
    return {"name": name, "certificate": certificate}


def test_a_signer_has_a_domain_a_name_and_a_root_as_it_is_given():
    (found,) = parse_mesh({"trust": {"signers": [signer()]}}).trust.signers
    assert (found.domain, found.short_name, found.certificate) == ("signers.example.com", "acme", ONE)


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ({"signers": []}, "mesh.trust.signers: is empty"),
        ({"signers": [signer("acme")]}, "mesh.trust.signers[0].name: 'acme' is not the name of a signer such as"),
        ({"signers": [signer("a.example/")]}, "mesh.trust.signers[0].name: 'a.example/' is not the name"),
        ({"signers": [signer(), signer()]}, "mesh.trust.signers: 'signers.example.com/acme' is there twice"),
        ({"signers": [signer(), signer("b.example/globex")]}, "mesh.trust.signers: are of several domains"),
        ({"signers": [signer(certificate=ONE + OTHER)]}, "signers[0].certificate: holds 2 certificates"),
        ({"signers": [signer(certificate=WORKLOAD)]}, "'CN=workload' is no certificate of an authority"),
        ({"signers": [signer()], "workload_ca": {}}, "mesh.trust.workload_ca: has no meaning beside signers"),
        ({"signers": [signer()], "bundles": [bundle()]}, "mesh.trust.bundles: has no meaning beside signers"),
    ],
)
def test_wrong_signers_are_refused_by_path(trust, expected):
    with pytest.raises(ArgsError) as caught:
        parse_mesh({"trust": trust})
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {},
            "tenants.acme.settings.signer: is missing: the mesh has certificates signed by one of signers.example.com",
        ),
        ({"signer": "signers.example.com/acne"}, "did you mean 'signers.example.com/acme'?"),
        ({"signer": "acme"}, "tenants.acme.settings.signer: 'acme' is none of the mesh's (there are: signers.example"),
    ],
)
def test_a_tenant_names_one_of_the_meshs_signers(settings, expected):
    mesh = parse_mesh({"trust": {"signers": [signer()]}})
    with pytest.raises(ArgsError) as caught:
        parse_tenant("acme", {"settings": settings}, mesh)
    assert expected in str(caught.value)
    assert parse_tenant("acme", {"settings": {"signer": "signers.example.com/acme"}}, mesh).signer


def test_without_signers_a_tenant_has_none():
    with pytest.raises(
        ArgsError, match=r"settings.signer: 'a/b' is none of the mesh's \(the mesh has no trust.signers"
    ):
        parse_tenant("acme", {"settings": {"signer": "a/b"}})
    assert parse_tenant("acme", {}).signer == ""


def test_an_intermediate_lives_no_longer_than_its_root():
    with pytest.raises(ArgsError, match="intermediate_hours: is longer than root_hours"):
        parse_mesh({"trust": {"workload_ca": {"root_hours": 100}}})
