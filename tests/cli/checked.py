"""Folders of YAML of two fenced tenants, and the command line on them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.checks.breaches import breach, fenced
from tests.checks.certificates import filled

_UNLOCKED = {"PULUMI_CONFIG_PASSPHRASE": "a passphrase"}


def folder(place: Path, *texts: str) -> Path:
    """The fenced tenants and `texts`, a file each."""
    place.mkdir()
    for index, text in enumerate((*fenced(), *texts)):
        (place / f"{index:02}.yaml").write_text(filled(text))
    return place


def breached(place: Path, rule: str) -> Path:
    """A folder in which the breach of a rule is beside what is fenced."""
    return folder(place, breach(rule).base, breach(rule).bad)


def run(*arguments: object, code: int, folder: Path | None = None, variables: Mapping[str, str] = _UNLOCKED) -> str:
    """Run `tenantmesh` with `variables` added; it must end with `code`. Gives its output, errors included."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "KUBE"))}
    done = subprocess.run(
        [sys.executable, "-m", "tenantmesh", *map(str, arguments)],
        cwd=folder,
        env={**inherited, **variables, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout
