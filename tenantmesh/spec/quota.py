"""How much of the cluster a tenant may use. CPU is in thousandths of a core, memory and storage in bytes."""

from dataclasses import dataclass, field

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSpec:
    """What a container gets that asks for nothing, and the most that it may ask for (0: no limit of its own)."""

    cpu: int = 500
    memory: int = 256 * MEBIBYTE
    cpu_request: int = 50
    memory_request: int = 64 * MEBIBYTE
    cpu_maximum: int = 0
    memory_maximum: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSpec:
    """The size of a tenant, or of one of its namespaces. `cpu_limit` 0 stands for four times `cpu`."""

    cpu: int = 4000
    cpu_limit: int = 0
    memory: int = 8 * GIBIBYTE
    storage: int = 20 * GIBIBYTE
    pods: int = 30
    objects: tuple[tuple[str, int], ...] = ()
    priority_class_pods: tuple[tuple[str, int], ...] = ()
    container: LimitsSpec = field(default_factory=LimitsSpec)

    @property
    def amounts(self) -> tuple[int, int, int, int, int]:
        """What is shared out among namespaces: CPU requests, CPU limits, memory, storage, pods."""
        return (self.cpu, self.cpu_limit or 4 * self.cpu, self.memory, self.storage, self.pods)


AMOUNT_NAMES = ("cpu", "cpu_limit", "memory", "storage", "pods")
"""The arguments that `QuotaSpec.amounts` come from, in its order."""
