"""Istio's own translation of security policies, asked about many cases at once."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.programs import answers


class Asked(NamedTuple):
    """One workload of a mesh, and all policies of the mesh."""

    namespace: str
    labels: Mapping[str, str]
    policies: Sequence[Mapping[str, Any]]
    root_namespace: str = "istio-system"
    trust_domains: tuple[str, ...] = ("cluster.local",)


class Told(NamedTuple):
    """What the workload's proxy is told: its filters for HTTP and for other traffic, and its mutual TLS by port."""

    http: Sequence[Mapping[str, Any]]
    tcp: Sequence[Mapping[str, Any]]
    mode: str
    per_port: Mapping[int, str]


def ask(program: Path, cases: Iterable[Asked]) -> list[Told]:
    """What Istio makes of each case; an error is a failure, for the cases are made so that Istio takes them."""
    return [_told(one) for one in answers([program, "policies"], (_written(one) for one in cases))]


def _written(case: Asked) -> dict[str, Any]:
    return {
        "rootNamespace": case.root_namespace,
        "trustDomains": case.trust_domains,
        "namespace": case.namespace,
        "labels": case.labels,
        "policies": case.policies,
    }


def _told(answer: dict[str, Any]) -> Told:
    per_port = {int(port): mode for port, mode in answer["perPort"].items()}
    return Told(answer["http"], answer["tcp"], answer["mode"], per_port)
