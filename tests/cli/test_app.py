"""The verbs: each is there with its help, is imported when it is asked for, and is found behind a slip of the hand."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tenantmesh.cli.app import app

VERBS = ["preview", "up", "destroy", "refresh", "render", "verify", "explain", "diff", "cluster"]
LOADED = """
import sys
from typer.testing import CliRunner
from tenantmesh.cli.app import app
assert CliRunner().invoke(app, [{verb!r}, "--help"]).exit_code == 0
print(*(name for name in ("tenantmesh.engine.run", "tenantmesh.checks.prove") if name in sys.modules))
"""


def said(*arguments):
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "120", "TERM": "dumb"})


def test_the_help_lists_all_verbs_in_their_order():
    lines = [line.strip("│ ").split() for line in said("--help").output.splitlines()]
    assert [words[0] for words in lines if words and words[0] in VERBS] == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_a_help_of_its_own(verb):
    result = said(verb, "-h")
    assert result.exit_code == 0
    assert f" {verb} [OPTIONS]" in result.output


def test_a_verb_that_is_none_is_wrong_usage_and_the_nearest_is_named():
    result = said("verfy")
    assert result.exit_code == 2
    assert "Did you mean 'verify'?" in result.output


@pytest.mark.parametrize(
    ("verb", "loaded"), [("cluster", ""), ("up", "tenantmesh.engine.run"), ("preview", "tenantmesh.engine.run")]
)
def test_a_verb_is_imported_without_the_others(verb, loaded):
    command = [sys.executable, "-c", LOADED.format(verb=verb)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.strip() == loaded
