"""Peers and ports as NetworkPolicies spell them."""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantmesh.spec.labels import NAMESPACE_NAME

Fragment = dict[str, Any]


def namespaces(names: Iterable[str]) -> Fragment:
    """All pods of namespaces, by the label that only the API server sets."""
    match = {"key": NAMESPACE_NAME, "operator": "In", "values": sorted(set(names))}
    return {"namespaceSelector": {"matchExpressions": [match]}}


def pods(namespace: str, labels: Mapping[str, str]) -> Fragment:
    """Pods of one namespace by their labels."""
    return {**namespaces([namespace]), "podSelector": {"matchLabels": dict(labels)}}


def tcp(ports: Iterable[int]) -> list[Fragment]:
    """TCP ports, sorted."""
    return [{"port": port, "protocol": "TCP"} for port in sorted(set(ports))]


def addresses(cidrs: Iterable[str]) -> list[Fragment]:
    """Ranges of addresses."""
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]
