"""The API layer: what a subject may ask of the Kubernetes API, by which binding and which rule."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from tenantmesh.graph.api.bindings import Binding, Bindings
from tenantmesh.graph.api.held import Held, Holdings, granting
from tenantmesh.graph.api.roles import RoleRule, Roles, Source
from tenantmesh.graph.api.rules import allows
from tenantmesh.graph.api.subject import MASTERS, NODES, Resource, Subject
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict

_MASTERS = Evidence(Effect.ALLOWS, f"the group {MASTERS} may do everything, whatever the roles say")
_NODES = Evidence(Effect.UNKNOWN, f"for the group {NODES} the node authorizer decides too, which is not modelled")

Found = tuple[Binding, tuple[int, ...], Source, RoleRule]


class ApiLayer:
    """Role-based access control over the objects of `cluster`, exactly as the API server does it.

    A manifest holds seldom what the server makes by itself (`cluster-admin`, `admin`, `edit`, `view`, discovery):
    these roles and bindings are there unless an object of the same name says else.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._roles = Roles(cluster)
        self._bindings = Bindings(cluster)
        self._holdings = Holdings(self._roles)
        self._held: dict[str, tuple[Held, ...]] = {}

    def verdict(self, subject: Subject, verb: str, target: Resource | str) -> LayerVerdict:
        """Whether `subject` may do `verb` on a resource, or on the path of something that is no resource.

        The answer is the one of SubjectAccessReview. It is UNPROVEN when a binding, role or rule of the subject is not
        understood and nothing else allows the request. A role that is not there grants nothing.
        """
        asked = f"{subject} may {verb} {target}"
        if MASTERS in subject.memberships:
            return LayerVerdict(Layer.API, Answer.ALLOWED, asked, (_MASTERS,), f"take {subject} out of {MASTERS}")
        namespace = "" if isinstance(target, str) else target.namespace
        found, doubts = self._matching(subject, namespace, verb, target)
        sure = [one for one in found if one[2].certain and one[1]]
        if sure:
            evidence = tuple(part for one in sure for part in granting(*one))
            return LayerVerdict(Layer.API, Answer.ALLOWED, asked, evidence, _closing(sure))
        if NODES in subject.memberships:
            doubts.append(_NODES)
        doubts += (part for one in found for part in granting(*one) if part.effect is Effect.UNKNOWN)
        return self._refused(subject, verb, target, doubts)

    def powers(self, namespace: str) -> tuple[Held, ...]:
        """The dangerous powers that the bindings in `namespace` give; those of the whole cluster for "".

        What a ClusterRoleBinding gives holds in every namespace and is told once, for "".
        """
        if namespace not in self._held:
            self._held[namespace] = tuple(
                held for binding in self._bindings.of(namespace) for held in self._holdings.of(binding)
            )
        return self._held[namespace]

    def subjects_of(self, namespace: str) -> Mapping[Subject, tuple[Binding, ...]]:
        """Who is bound in `namespace`, or in the whole cluster for "", by which bindings.

        The server's own bindings are left out.
        """
        found: defaultdict[Subject, dict[int, Binding]] = defaultdict(dict)
        for binding in self._bindings.of(namespace):
            for subject in binding.subjects:
                if subject is not None and not binding.default:
                    found[subject][id(binding)] = binding
        return {subject: tuple(some.values()) for subject, some in found.items()}

    def rules_of(self, binding: Binding) -> tuple[tuple[Source, RoleRule], ...]:
        """The rules of the role that a binding refers to, each with what holds it; none where the role is not there."""
        role = self._roles.find(binding.kind, binding.namespace, binding.name) if binding.kind else None
        return tuple((source, rule) for source in role.sources for rule in source.rules) if role else ()

    @cached_property
    def places(self) -> Mapping[Subject, tuple[str, ...]]:
        """The namespaces in which each subject is bound, sorted, "" for the whole cluster."""
        found: defaultdict[Subject, list[str]] = defaultdict(list)
        for namespace in self._bindings.namespaces:
            for subject in self.subjects_of(namespace):
                found[subject].append(namespace)
        return {subject: tuple(some) for subject, some in found.items()}

    def _matching(
        self, subject: Subject, namespace: str, verb: str, target: Resource | str
    ) -> tuple[list[Found], list[Evidence]]:
        """The rules that fit, and what might hold one that is not understood."""
        found: list[Found] = []
        doubts: list[Evidence] = []
        for binding, places in self._naming(subject, namespace):
            role = self._roles.find(binding.kind, binding.namespace, binding.name) if binding.kind else None
            doubts += binding.doubts
            if role is not None:
                doubts += role.doubts
                found += [
                    (binding, places, source, rule)
                    for source in role.sources
                    for rule in source.rules
                    if allows(rule.grants, rule.names, verb, target)
                ]
        return found, doubts

    def _naming(self, subject: Subject, namespace: str) -> Iterable[tuple[Binding, tuple[int, ...]]]:
        yield from self._bindings.naming(subject, "")
        if namespace:
            yield from self._bindings.naming(subject, namespace)

    def _refused(self, subject: Subject, verb: str, target: Resource | str, doubts: list[Evidence]) -> LayerVerdict:
        asked = f"{verb} {target}"
        namespace = "" if isinstance(target, str) else target.namespace
        kind = f"RoleBinding in namespace {namespace}" if namespace else "ClusterRoleBinding"
        change = f"name {subject} in a {kind} to a role with a rule that grants {asked}"
        if doubts:
            return LayerVerdict(Layer.API, Answer.UNPROVEN, f"whether {subject} may {asked}", tuple(doubts), change)
        missing = tuple(
            Evidence(Effect.DENIES, f"grants nothing, for {binding.role} is not there", binding.object, "roleRef")
            for binding, _ in self._naming(subject, namespace)
            if binding.kind and self._roles.find(binding.kind, binding.namespace, binding.name) is None
        )
        none = Evidence(Effect.DENIES, f"no rule of a role that is bound to {subject} grants {asked}")
        return LayerVerdict(Layer.API, Answer.DENIED, f"{subject} may not {asked}", (*missing, none), change)


def _closing(found: list[Found]) -> str:
    """What to take away so that nothing of this allows the request any more."""
    ways: dict[str, None] = {}
    for binding, places, source, rule in found:
        named = " and ".join(f"subjects[{place}]" for place in places)
        ways[f"take {named} out of {binding.object.key}, or {rule.path} out of {source.object.key}"] = None
    return "; and ".join(ways)
