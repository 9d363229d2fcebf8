"""A machine that can't run a lab is told why and what to do."""

import os
import subprocess
import sys

import pytest

CODE = "from tenantmesh.lab import missing; print(missing(), end='')"


def missing(*before, **variables):
    """In a process of its own, with another environment or as another user."""
    command = [*before, sys.executable, "-c", CODE]
    done = subprocess.run(command, env=dict(os.environ) | variables, capture_output=True, text=True, check=True)
    return done.stdout


def test_absent_programs_are_named_by_their_packages():
    assert missing(PATH="/nowhere") == (
        "the lab needs programs of the Debian packages iproute2, ipset, iptables, procps, util-linux: install them"
    )


@pytest.mark.skipif(os.geteuid() != 0 or bool(missing()), reason="asked where a lab can run")
def test_without_permission_to_make_namespaces_it_says_who_gives_it():
    said = missing("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
    assert said.startswith(
        "no network namespaces can be made here: run it in a container with the capabilities SYS_ADMIN"
    )


@pytest.mark.skipif(os.geteuid() != 0 or bool(missing()), reason="asked where a lab can run")
def test_another_user_is_told_to_be_root():
    # Imported first: another user may not be able to read this Python.
    code = "import os; from tenantmesh.lab import missing; os.setuid(65534); print(missing())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "run it as root" in done.stdout, done.stderr
