"""Which policies hold for a workload: those of its namespace and of the root namespace that select or name it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.members import MANY, near_to
from tenantmesh.graph.identity.peer import GROUP
from tenantmesh.graph.identity.policies import Action, Policy, is_gateway, read
from tenantmesh.graph.nearby import Nearby


class Held(Struct, frozen=True):
    """A policy that holds for a workload, surely unless `unsure`."""

    policy: Policy
    unsure: bool = False


class Holding:
    """All policies that hold for a workload."""

    def __init__(self, held: Iterable[Held]) -> None:
        self.held = tuple(held)

    @cached_property
    def allowing(self) -> Sequence[Held]:
        """Those that allow something."""
        return [one for one in self.held if one.policy.action is Action.ALLOW]

    @cached_property
    def refusing(self) -> Sequence[Held]:
        """Those that may refuse something: CUSTOM before DENY."""
        return [one for action in (Action.CUSTOM, Action.DENY) for one in self.held if one.policy.action is action]

    @cached_property
    def dotted(self) -> Sequence[Policy]:
        """Those with a dot in the name of a service account."""
        return [one.policy for one in self.held if one.policy.dotted]

    @cached_property
    def _near(self) -> Nearby[Held]:
        return Nearby((one, one.policy.spaces) for one in self.allowing)

    def allowing_some(self, principal: str | None) -> Sequence[Held]:
        """Those that can allow something to somebody of this name."""
        return near_to(self._near, principal) if len(self.allowing) >= MANY else self.allowing

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """All addresses that their rules name."""
        return tuple(
            value
            for one in self.held
            for rule in one.policy.rules
            for group in (*rule.sources, *rule.operations)
            for condition in group
            if condition.attribute in ("source.ip", "remote.ip")
            for value in (*condition.values, *condition.not_values)
        )


class _Pod(NamedTuple):
    """What policies select a pod by."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    given: frozenset[str]


class Policies:
    """All AuthorizationPolicies, compiled namespace by namespace when they are first asked for."""

    def __init__(self, cluster: Cluster) -> None:
        self._mesh = cluster.mesh
        self._objects = cluster.objects(GROUP, "AuthorizationPolicy")
        self._read: dict[str, tuple[Policy, ...]] = {}
        self._holding: Callable[[_Pod], Holding] = lru_cache(maxsize=1 << 10)(self._held)

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

    def holding(self, workload: Workload) -> Holding:
        """The policies that hold for a workload, as its own proxy is told."""
        return self._holding(_Pod(workload.namespace, tuple(workload.labels.items()), workload.given))

    def _held(self, pod: _Pod) -> Holding:
        namespace, labels, given = pod
        return Holding(self._selecting(Workload(namespace=namespace, name="", labels=dict(labels), given=given)))

    def _selecting(self, workload: Workload) -> Iterator[Held]:
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
