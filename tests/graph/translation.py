"""Istio's own translation of its objects into what proxies are told, built once from its Go module."""

from pathlib import Path

from tests.programs import go_program

_VERSION = "v1.31"
# The tags with which Istio builds its own programs.
_TAGS = "vtprotobuf,disable_pgv"


def build() -> Path:
    """The program, built on first use (some minutes); skips the test where there is no Go."""
    return go_program("istio", _VERSION, "-tags", _TAGS)
