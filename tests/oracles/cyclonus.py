"""The first oracle: cyclonus, built once from its Go module, asked about thousands of clusters in one process."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracles.sample import Sample
from tests.programs import answers, go_program

_VERSION = "v0.5.6"


class Tables(NamedTuple):
    """Answers in the order of `Sample.questions`: "1" is allowed; with labels matched by cyclonus and by Kubernetes."""

    own_labels: str
    kubernetes_labels: str


def build() -> Path:
    """The program, built on first use (a minute or two); skips the test where there is no Go."""
    return go_program("cyclonus", _VERSION)


def ask(program: Path, samples: Iterable[Sample]) -> list[Tables]:
    """What cyclonus says of each cluster; an error is a failure, for it takes all that the generator makes."""
    found = answers([program], (_asked(one) for one in samples))
    return [Tables(one["ownLabels"], one["kubernetesLabels"]) for one in found]


def _asked(sample: Sample) -> dict[str, Any]:
    return {
        "namespaces": sample.namespaces,
        "ends": [end._asdict() for end in sample.ends],
        "ports": _plain(sample.ports),
        "policies": sample.policies,
    }


def _plain(ports: Sequence[Any]) -> list[dict[str, Any]]:
    return [port._asdict() for port in ports]
