"""Who changed what: the API server's audit policy, whose events name the user and, by the namespace, the tenant."""

from typing import Any

_CHANGES = ("create", "update", "patch", "delete", "deletecollection")
# Their bodies are secret, or hold what somebody took for a good place for secrets.
_SECRET = (
    {"group": "", "resources": ["configmaps", "secrets", "serviceaccounts/token"]},
    {"group": "authentication.k8s.io", "resources": ["tokenreviews"]},
)
# What a cluster says to itself every few seconds.
_BEATS = (
    {"group": "coordination.k8s.io", "resources": ["leases"]},
    {"group": "", "resources": ["events", "nodes/status", "pods/status"]},
    {"group": "events.k8s.io", "resources": ["events"]},
    {"group": "discovery.k8s.io", "resources": ["endpointslices"]},
)
# Into a running container, or past the mesh: no change of an object, and more than one.
_SESSIONS = ({"group": "", "resources": ["pods/attach", "pods/exec", "pods/portforward", "services/proxy"]},)


def audit_policy() -> dict[str, Any]:
    """The policy for the API server's `--audit-policy-file`: each change with what was sent, each look at a Secret.

    Never the content of Secrets and ConfigMaps. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
    """
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "resources": list(_BEATS)},
            {"level": "Metadata", "resources": list(_SECRET)},
            {"level": "Metadata", "resources": list(_SESSIONS)},
            {"level": "Request", "verbs": list(_CHANGES)},
            {"level": "None"},
        ],
    }
