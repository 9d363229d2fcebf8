"""The authority that istiod signs with, as data, and what tells istiod and the proxies of other meshes' roots.

The chain is only described here. Keys are made elsewhere and come back as `AuthorityMaterial`, whose leaves pass
through untouched.
"""

from typing import Any

from msgspec import Struct

from tenantmesh.manifest import Body
from tenantmesh.plan.certificates import CA_USES, CertificateRequest
from tenantmesh.spec import labels
from tenantmesh.spec.mesh import MeshSpec
from tenantmesh.spec.trust import TrustSpec, WorkloadCaSpec

SECRET = "cacerts"  # noqa: S105 - a name that istiod's chart gives
"""The Secret that istiod takes its authority from
(https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/)."""


class AuthorityChain(Struct, frozen=True, kw_only=True):
    """The certificates of an authority, signers first, and which of them are trusted and which one signs."""

    requests: tuple[CertificateRequest, ...]
    roots: tuple[str, ...]
    intermediate: str


class AuthorityMaterial(Struct, frozen=True, kw_only=True):
    """What a chain became: the trusted roots one after the other, and the intermediate with its key; PEM."""

    roots: Any
    certificate: Any
    key: Any


def plan_workload_chain(mesh: MeshSpec) -> AuthorityChain | None:
    """The certificates of the mesh's own authority; none where istiod is left to its own."""
    authority = mesh.trust.workload_ca
    if authority is None:
        return None
    roots = [_root(mesh, authority, epoch) for epoch in authority.trusted]
    intermediate = CertificateRequest(
        name=f"workload-ca/intermediate-{authority.epoch}",
        common_name=f"workload intermediate CA {authority.epoch}",
        organization=mesh.trust_domain,
        signer=_root_name(authority.epoch),
        authority=True,
        uses=CA_USES,
        validity_hours=authority.intermediate_hours,
    )
    return AuthorityChain(
        requests=(*roots, intermediate), roots=tuple(root.name for root in roots), intermediate=intermediate.name
    )


def plan_authority(mesh: MeshSpec, material: AuthorityMaterial) -> Body:
    """istiod's Secret. The root's key is not in it."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": SECRET,
            "namespace": mesh.control_plane.namespace,
            "labels": {labels.COMPONENT: "mesh", labels.MANAGED_BY: labels.MANAGER},
        },
        "stringData": {
            "ca-cert.pem": material.certificate,
            "ca-key.pem": material.key,
            "cert-chain.pem": material.certificate,
            "root-cert.pem": material.roots,
        },
        "type": "Opaque",
    }


def trust_config(trust: TrustSpec) -> dict[str, Any]:
    """What MeshConfig says of other meshes' roots: one entry for each, for istiod checks the first of an entry only."""
    entries = [
        {"pem": certificate, "trustDomains": list(bundle.trust_domains)}
        for bundle in trust.bundles
        for certificate in bundle.certificates
    ]
    entries += [{"certSigners": [one.name], "pem": one.certificate} for one in trust.signers]
    return {"caCertificates": entries} if entries else {}


def trust_environment(trust: TrustSpec) -> dict[str, str]:
    """istiod's environment: it sends proxies all roots, and takes those that change while it runs.

    With signers it has them sign, and sends no roots: each proxy has that of its own signer.
    """
    if trust.signers:
        return {"CERT_SIGNER_DOMAIN": trust.signers[0].domain, "EXTERNAL_CA": "ISTIOD_RA_KUBERNETES_API"}
    return {"ISTIO_MULTIROOT_MESH": "true"} if trust.several_roots else {}


def signer_names(trust: TrustSpec) -> dict[str, Any]:
    """Which signers istiod may approve requests to, for the chart's role."""
    return {"certSigners": [one.name for one in trust.signers]} if trust.signers else {}


def trust_metadata(trust: TrustSpec) -> dict[str, Any]:
    """What a proxy's agent starts with: it takes the roots that istiod sends."""
    return {"proxyMetadata": {"PROXY_CONFIG_XDS_AGENT": "true"}} if trust.several_roots else {}


def _root(mesh: MeshSpec, authority: WorkloadCaSpec, epoch: int) -> CertificateRequest:
    return CertificateRequest(
        name=_root_name(epoch),
        common_name=f"workload root CA {epoch}",
        organization=mesh.trust_domain,
        authority=True,
        uses=CA_USES,
        validity_hours=authority.root_hours,
    )


def _root_name(epoch: int) -> str:
    return f"workload-ca/root-{epoch}"
