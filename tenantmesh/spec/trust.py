"""Who signs the identities of workloads, and whose identities from other meshes are taken."""

from dataclasses import dataclass

HOURS_PER_YEAR = 365 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadCaSpec:
    """A root and an intermediate of the mesh's own; `trust_epochs` () stands for this epoch and the last."""

    epoch: int = 1
    trust_epochs: tuple[int, ...] = ()
    root_hours: int = 10 * HOURS_PER_YEAR
    intermediate_hours: int = 3 * HOURS_PER_YEAR

    @property
    def trusted(self) -> tuple[int, ...]:
        """The epochs whose roots workloads' certificates may come from, in order; this epoch is always one."""
        chosen = self.trust_epochs or (self.epoch - 1, self.epoch)
        return tuple(sorted({epoch for epoch in (*chosen, self.epoch) if epoch > 0}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBundleSpec:
    """The roots of another mesh, each one certificate as PEM, and the trust domains of its identities."""

    trust_domains: tuple[str, ...]
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerSpec:
    """A signer of CertificateSigningRequests, `domain/name`, and its root as PEM."""

    name: str
    certificate: str

    @property
    def domain(self) -> str:
        """What stands before the name."""
        return self.name.partition("/")[0]

    @property
    def short_name(self) -> str:
        """What stands behind the domain."""
        return self.name.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSpec:
    """None stands for the authority that istiod has without being given one."""

    workload_ca: WorkloadCaSpec | None = None
    bundles: tuple[TrustBundleSpec, ...] = ()
    signers: tuple[SignerSpec, ...] = ()

    @property
    def several_roots(self) -> bool:
        """Whether proxies may have to trust more than the one root that istiod started with."""
        return self.workload_ca is not None or bool(self.bundles)
