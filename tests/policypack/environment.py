"""The virtual environment of the policy pack: pulumi-policy holds protobuf to another version than ours."""

from pathlib import Path

from tests.programs import python_environment

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def install() -> Path:
    """The interpreter that has pulumi-policy, installed on first use; skips the test where that can't be done."""
    return python_environment("policypack", _REQUIREMENTS)
