"""A planned certificate chain becomes keys and certificates of the TLS provider."""

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_tls as tls
from msgspec import Struct

from tenantmesh.plan.certificates import CURVE, CertificateChain, CertificateMaterial, CertificateRequest, Leaf
from tenantmesh.plan.trust import AuthorityChain, AuthorityMaterial

Pem = pulumi.Output[str]


class _Made(Struct, frozen=True):
    """One request fulfilled: its certificate and its key (secret), both PEM."""

    certificate: Pem
    key: Pem


def make_chain(chain: CertificateChain, parent: pulumi.Resource, *, protect: bool) -> CertificateMaterial:
    """Register the chain's keys and certificates, signers first. With `protect`, Pulumi refuses to delete a root's."""
    made = _all(chain.requests, parent, protect=protect)
    intermediate = made[chain.intermediate].certificate
    return CertificateMaterial(
        roots=_bundle([made[name].certificate for name in chain.roots]),
        server=_leaf(made[chain.server], intermediate),
        clients={client: _leaf(made[name], intermediate) for client, name in chain.clients.items()},
        further={gateway: _leaf(made[name], intermediate) for gateway, name in chain.further.items()},
    )


def make_authority(chain: AuthorityChain, parent: pulumi.Resource) -> AuthorityMaterial:
    """Register an authority's keys and certificates, signers first."""
    made = _all(chain.requests, parent, protect=False)
    intermediate = made[chain.intermediate]
    return AuthorityMaterial(
        roots=_bundle([made[name].certificate for name in chain.roots]),
        certificate=intermediate.certificate,
        key=intermediate.key,
    )


def _all(requests: Iterable[CertificateRequest], parent: pulumi.Resource, *, protect: bool) -> dict[str, _Made]:
    made: dict[str, _Made] = {}
    for request in requests:
        kept = True if protect and not request.signer else None
        options = pulumi.ResourceOptions(parent=parent, protect=kept)
        made[request.name] = _make(request, made.get(request.signer), options)
    return made


def _make(request: CertificateRequest, signer: _Made | None, options: pulumi.ResourceOptions) -> _Made:
    key = tls.PrivateKey(request.name, algorithm="ECDSA", ecdsa_curve=CURVE, opts=options).private_key_pem
    certificate = _self_signed(request, key, options) if signer is None else _signed(request, key, signer, options)
    return _Made(certificate, key)


def _self_signed(request: CertificateRequest, key: Pem, options: pulumi.ResourceOptions) -> Pem:
    return tls.SelfSignedCert(
        request.name,
        private_key_pem=key,
        subject=_subject(request),
        is_ca_certificate=request.authority,
        set_subject_key_id=True,
        allowed_uses=list(request.uses),
        validity_period_hours=request.validity_hours,
        early_renewal_hours=_early(request),
        opts=options,
    ).cert_pem


def _signed(request: CertificateRequest, key: Pem, signer: _Made, options: pulumi.ResourceOptions) -> Pem:
    asked = tls.CertRequest(
        request.name,
        private_key_pem=key,
        subject=_subject(request),
        dns_names=list(request.dns_names) or None,
        opts=options,
    )
    return tls.LocallySignedCert(
        request.name,
        cert_request_pem=asked.cert_request_pem,
        ca_private_key_pem=signer.key,
        ca_cert_pem=signer.certificate,
        is_ca_certificate=request.authority,
        set_subject_key_id=True,
        allowed_uses=list(request.uses),
        validity_period_hours=request.validity_hours,
        early_renewal_hours=_early(request),
        opts=options,
    ).cert_pem


def _subject(request: CertificateRequest) -> tls.SelfSignedCertSubjectArgsDict:
    return {"common_name": request.common_name, "organization": request.organization}


def _early(request: CertificateRequest) -> int:
    """The last third of its life: an `up` in it makes the certificate anew."""
    return request.validity_hours // 3


def _leaf(made: _Made, intermediate: Pem) -> Leaf:
    return Leaf(chain=_bundle([made.certificate, intermediate]), key=made.key)


def _bundle(certificates: Sequence[Pem]) -> Pem:
    return pulumi.Output.all(*certificates).apply("".join)
