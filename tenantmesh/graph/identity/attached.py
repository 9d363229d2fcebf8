"""Which policies hold for a workload: those of its namespace and of the root namespace that select or name it."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.peer import GROUP
from tenantmesh.graph.identity.policies import Policy, is_gateway, read


class Held(Struct, frozen=True):
    """A policy that holds for a workload, surely unless `unsure`."""

    policy: Policy
    unsure: bool = False


class Policies:
    """All AuthorizationPolicies, compiled namespace by namespace when they are first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._mesh = cluster.mesh
        self._objects = cluster.objects(GROUP, "AuthorizationPolicy")
        self._read: dict[str, tuple[Policy, ...]] = {}

    def of(self, namespace: str) -> tuple[Policy, ...]:
        """The policies that stand in a namespace and are enforced."""
        found = self._read.get(namespace)
        if found is None:
            made = [read(one, self._mesh) for one in self._objects.get(namespace, ())]
            found = self._read[namespace] = tuple([one for one in made if one is not None])
        return found

    def around(self, namespace: str) -> tuple[Policy, ...]:
        """The policies that may hold for pods of a namespace: its own and the root namespace's."""
        root = self._mesh.root_namespace
        return self.of(namespace) if namespace == root else (*self.of(root), *self.of(namespace))

    def holding(self, workload: Workload) -> Iterator[Held]:
        """The policies that hold for a workload, as its own proxy is told."""
        for one in self.around(workload.namespace):
            if one.targets:
                if any(is_gateway(target, one.object.key.namespace, workload) for target in one.targets):
                    yield Held(one)
                continue
            fit = one.pods.fit(workload.labels, workload.given)
            if fit is not Fit.NO:
                yield Held(one, fit is Fit.UNSURE)


def by_label(labels: Mapping[str, str], wanted: Mapping[str, str] | None) -> bool:
    """Whether a selector of plain labels selects; an absent or empty one selects nothing."""
    return wanted is not None and bool(wanted) and wanted.items() <= labels.items()
