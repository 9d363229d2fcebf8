"""The second oracle: network-config-analyzer, in a virtual environment of its own, driven in one process."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.oracles.sample import Object, Sample
from tests.programs import answers, python_environment

_HERE = Path(__file__).parent
_REQUIREMENTS = _HERE / "analyzer-requirements.txt"
_DRIVER = _HERE / "analyzer_driver.py"

_WITHOUT_SECTION = 'A NetworkPolicy with {0} field but no "{1}" in its policyTypes'
REFUSALS = {
    "spec must have podSelector entry": "the field became optional; absent is the empty selector",
    _WITHOUT_SECTION.format("ingress", "Ingress"): "the API server stores such a policy, and the section has no effect",
    _WITHOUT_SECTION.format("egress", "Egress"): "the API server stores such a policy, and the section has no effect",
}
"""What it refuses though the API server takes it, and why that is right: nothing is compared on such a cluster."""


def install() -> Path:
    """The interpreter that has it, installed on first use; skips the test where the registry can't be reached."""
    return python_environment("network-config-analyzer", _REQUIREMENTS)


def ask(python: Path, samples: Iterable[Sample]) -> list[str | None]:
    """Its table for each cluster, in the order of `Sample.questions`; None for one that it refuses, see `REFUSALS`."""
    return [_table(one) for one in answers([python, _DRIVER], (_asked(one) for one in samples))]


def _asked(sample: Sample) -> dict[str, Any]:
    return {
        "objects": [_accepted(one) for one in sample.objects],
        "ends": [end._asdict() for end in sample.ends],
        "ports": [port._asdict() for port in sample.ports],
    }


def _accepted(one: Object) -> Object:
    """The same object with `policyTypes` in the one order that the analyzer accepts; their order means nothing."""
    types = one.get("spec", {}).get("policyTypes")
    if not types:
        return one
    return {**one, "spec": {**one["spec"], "policyTypes": sorted(types, key=["Ingress", "Egress"].index)}}


def _table(answer: dict[str, str]) -> str | None:
    refusal = answer.get("refusal")
    assert refusal is None or refusal in REFUSALS, refusal
    return answer.get("table")
