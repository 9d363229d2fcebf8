"""Which rule tells when an object of a kind is ready."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from tenantmesh.engine.providers.kubernetes.awaiting import pods, services, storage, workloads
from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import Verdict
from tenantmesh.engine.providers.kubernetes.awaiting.waitfor import parse_wait_for
from tenantmesh.engine.providers.kubernetes.bodies import Body, annotation, is_annotated
from tenantmesh.engine.providers.kubernetes.tokens import Kind

Predicate = Callable[[Body, Surroundings], Verdict]
Details = Callable[[Body, Surroundings], list[str]]

SKIP: Final = "pulumi.com/skipAwait"
TIMEOUT: Final = "pulumi.com/timeoutSeconds"
WAIT_FOR: Final = "pulumi.com/waitFor"


def _nothing(_live: Body, _around: Surroundings) -> list[str]:
    return []


class Rule(Struct, frozen=True, kw_only=True):
    """When a kind is ready, for how many seconds to wait by default, and what else explains that it is not.

    `looks_around` when other objects decide too, so that the object alone must not be watched.
    """

    predicate: Predicate
    timeout: float = 600
    details: Details = _nothing
    looks_around: bool = False


_WORKLOADS: Final[Mapping[tuple[str, str], Predicate]] = {
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("batch", "Job"): workloads.job,
    ("", "ReplicationController"): workloads.replication_controller,
}
_RULES: Final[Mapping[tuple[str, str], Rule]] = {
    **{key: Rule(predicate=rule, details=pods.workload_troubles) for key, rule in _WORKLOADS.items()},
    ("", "PersistentVolume"): Rule(predicate=storage.volume, timeout=300),
    ("", "PersistentVolumeClaim"): Rule(predicate=storage.claim, timeout=300),
    ("", "Pod"): Rule(predicate=pods.pod),
    ("", "ResourceQuota"): Rule(predicate=storage.quota, timeout=60),
    ("", "Secret"): Rule(predicate=storage.token, timeout=5),
    ("", "Service"): Rule(predicate=services.service, looks_around=True),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Rule(predicate=storage.definition, timeout=60),
    ("networking.k8s.io", "Ingress"): Rule(predicate=services.ingress, looks_around=True),
}


def rule_for(kind: Kind, body: Body, *, every_kind: bool) -> Rule | None:
    """The rule for an object, or None when it is ready at once.

    The annotations decide first: `pulumi.com/skipAwait` and `pulumi.com/waitFor`, whose syntax errors raise
    ProviderError. With `every_kind` (PULUMI_K8S_AWAIT_ALL) a kind without a rule is judged by its conditions.
    """
    if is_annotated(body, SKIP):
        return None
    wanted = annotation(body, WAIT_FOR)
    if wanted:
        return Rule(predicate=parse_wait_for(wanted))
    rule = _RULES.get((kind.group, kind.kind))
    if rule is None and every_kind:
        return Rule(predicate=storage.generic)
    return rule


def timeout_for(rule: Rule, body: Body, custom: float) -> float:
    """How many seconds to wait: the resource option, the annotation `pulumi.com/timeoutSeconds`, or the default."""
    return custom or annotated_timeout(body) or rule.timeout


def annotated_timeout(body: Body) -> float:
    """The seconds in the annotation `pulumi.com/timeoutSeconds`, or 0."""
    written = annotation(body, TIMEOUT)
    return float(written) if written.isdigit() else 0
