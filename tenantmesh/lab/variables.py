"""The environment variables of a container, with what they refer to filled in as a kubelet does."""

import re
from typing import Any

from tenantmesh.spec.quantities import millicores, size

_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
_NODE_CPU, _NODE_MEMORY = "16", "64Gi"
"""What a container without limits is told: the size of the lab's node."""


def variables(pod: dict[str, Any], container: dict[str, Any], *, address: str, host: str) -> dict[str, str]:
    """The variables of `container` in a pod that has `address`, on a node that has the address `host`."""
    seen = {**pod, "status": {**pod.get("status", {}), "podIP": address, "hostIP": host}}
    found: dict[str, str] = {}
    for entry in container.get("env", []):
        found[entry["name"]] = _value(entry, seen, container, found)
    return found


def expanded(text: str, known: dict[str, str]) -> str:
    """With each $(NAME) that is known replaced, as Kubernetes does in arguments."""
    return _REFERENCE.sub(lambda found: known.get(found[1], found[0]), text)


def _value(entry: dict[str, Any], pod: dict[str, Any], container: dict[str, Any], known: dict[str, str]) -> str:
    source = entry.get("valueFrom", {})
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return _resource(container, source["resourceFieldRef"]["resource"])
    return expanded(entry.get("value", ""), known)


def _field(pod: dict[str, Any], path: str) -> str:
    named = re.fullmatch(r"(.+)\['(.+)'\]", path)
    value: Any = pod
    for part in (named[1] if named else path).split("."):
        value = value.get(part, {})
    found = value.get(named[2], "") if named else value
    return found if isinstance(found, str) else ""


def _resource(container: dict[str, Any], resource: str) -> str:
    """In whole CPUs, rounded up, or in bytes: the divisor of 1 that Istio's templates use."""
    kind, _, name = resource.partition(".")
    amounts = container.get("resources", {})
    default = _NODE_CPU if name == "cpu" else _NODE_MEMORY
    amount = amounts.get(kind, {}).get(name, amounts.get("limits", {}).get(name, default))
    return str(-(-millicores(amount) // 1000) if name == "cpu" else size(amount))
