"""When an object is ready, and waiting until it is."""

from tenantmesh.engine.providers.kubernetes.awaiting.deletion import await_deletion, deletion_timeout
from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.table import Rule, rule_for, timeout_for
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import NotReadyError
from tenantmesh.engine.providers.kubernetes.awaiting.waiting import await_ready, check_ready

__all__ = [
    "NotReadyError",
    "Rule",
    "Surroundings",
    "await_deletion",
    "await_ready",
    "check_ready",
    "deletion_timeout",
    "rule_for",
    "timeout_for",
]
