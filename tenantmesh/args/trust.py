"""What a user writes about the authority of workloads, and about the authorities of other meshes."""

from typing import NotRequired, TypedDict


class WorkloadCaArgs(TypedDict):
    """A root and an intermediate CA for this mesh, from which istiod signs the certificates of workloads."""

    ca: NotRequired[int]
    """The generation of the root and intermediate CA: raise it to have new keys. Default: 1."""
    trusted: NotRequired[list[int]]
    """Generations whose certificates workloads accept of each other. To rotate without a refused request, first trust
    the new one, then raise `ca`, then drop the old one. Default: `ca` and the one before."""
    root_hours: NotRequired[int]
    """How long a root is valid, in hours. Default: 87600 (ten years)."""
    intermediate_hours: NotRequired[int]
    """How long an intermediate CA is valid, in hours. Default: 26280 (three years)."""


class TrustBundleArgs(TypedDict):
    """The roots of another mesh, whose workloads may then connect here; policies say what they are let in to."""

    trust_domains: list[str]
    """The trust domains of the other mesh's identities, for which alone its roots count."""
    certificates: str
    """The root certificates, one or several, PEM, as the other Mesh's output `root_certificates` has them."""


class SignerArgs(TypedDict):
    """A certificate authority of tenants' workloads that signs CertificateSigningRequests of the Kubernetes API."""

    name: str
    """Its name there, as `signers.example.com/acme`; all of a mesh are of one domain."""
    certificate: str
    """Its root certificate, PEM."""


class TrustArgs(TypedDict):
    """Which authorities workloads trust."""

    workload_ca: NotRequired[WorkloadCaArgs]
    """An authority of the mesh's own, in istiod's Secret `cacerts`. Default: istiod makes one, or finds that Secret."""
    bundles: NotRequired[list[TrustBundleArgs]]
    """Roots of other meshes. Default: none."""
    signers: NotRequired[list[SignerArgs]]
    """Authorities of tenants, each of which names one of them in `settings.signer`: its workloads trust that one's
    certificates and no others. Default: none, istiod signs for all."""
