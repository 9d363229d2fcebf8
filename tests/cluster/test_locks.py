"""A lock has one holder, and dies with it."""

import os
import subprocess
import sys

import pytest

from tenantmesh.cluster.locks import held
from tenantmesh.cluster.progress import silent
from tenantmesh.errors import ClusterError

HOLD = """
import sys, time, pathlib
from tenantmesh.cluster.locks import held
from tenantmesh.cluster.progress import silent
with held(pathlib.Path(sys.argv[1]), timeout=5, on_progress=silent):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_held_lock_is_waited_for_and_then_refused_with_its_holder(tmp_path):
    steps = []
    with held(tmp_path / "lock", timeout=1, on_progress=silent):
        refusal = pytest.raises(ClusterError, match=f"process {os.getpid()} still holds")
        with refusal, held(tmp_path / "lock", timeout=0.3, on_progress=steps.append):
            pass
    assert [str(os.getpid()) in step.text for step in steps] == [True]


def test_a_killed_holder_holds_nothing(tmp_path):
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ClusterError, match=f"process {holder.pid}"), held(path, timeout=0, on_progress=silent):
            pass
        holder.kill()
    with held(path, timeout=1, on_progress=silent):
        pass


def test_a_lock_is_given_back_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), held(tmp_path / "lock", timeout=1, on_progress=silent):
        raise RuntimeError
    with held(tmp_path / "lock", timeout=0, on_progress=silent):
        pass
