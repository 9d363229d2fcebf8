"""kill -9 of the whole process, with the file backend: the next run goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run(folder: Path, command: str, kill_at: int = 0) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = str(Path(__file__).with_name("killed_program.py"))
    return subprocess.run(
        [sys.executable, "-W", "ignore", script, str(folder), command, str(kill_at)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def things(folder: Path) -> list[str]:
    return sorted(path.stem.rpartition("-")[0] for path in (folder / "things").glob("*.json"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "things").mkdir()
    return tmp_path


@pytest.mark.parametrize("kill_at", [2, 5, 8])
def test_up_goes_on_where_it_was_killed(folder, kill_at):
    assert run(folder, "up", kill_at).returncode == 137
    done = run(folder, "up")
    assert done.returncode == 0, done.stderr
    assert things(folder) == ["five", "four", "one", "three", "two"]
    assert run(folder, "destroy").returncode == 0
    assert things(folder) == []


@pytest.mark.parametrize("kill_at", [3, 6])
def test_destroy_goes_on_where_it_was_killed(folder, kill_at):
    assert run(folder, "up").returncode == 0
    assert run(folder, "destroy", kill_at).returncode == 137
    done = run(folder, "destroy")
    assert done.returncode == 0, done.stderr
    assert things(folder) == []
