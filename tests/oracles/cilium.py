"""The third oracle: Cilium's own policy engine, built once from its Go module."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.oracles.sample import Sample
from tests.programs import answers, go_program

_VERSION = "v1.20.2"
POLICIES = ("NetworkPolicy", "ClusterNetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")


def build() -> Path:
    """The program, built on first use (some minutes); skips the test where there is no Go."""
    return go_program("ciliumpolicy", _VERSION)


def ask(program: Path, samples: Iterable[Sample]) -> list[str]:
    """Cilium's table for each cluster, in the order of `Sample.questions`."""
    return [one["table"] for one in answers([program], (_asked(one) for one in samples))]


def _asked(sample: Sample) -> dict[str, Any]:
    return {
        "namespaces": sample.namespaces,
        "ends": [end._asdict() for end in sample.ends],
        "ports": [port._asdict() for port in sample.ports],
        "policies": [one for kind in POLICIES for one in sample.of_kind(kind)],
    }
