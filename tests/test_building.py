"""What is built before the tests: what can't be had keeps nothing else from being built."""

import subprocess

import pytest

from tenantmesh.errors import ClusterError
from tests import building


def test_what_can_not_be_had_is_told_and_the_rest_is_built(monkeypatch, capsys):
    built = []

    def refuses(reason: BaseException):
        def build():
            raise reason

        return build

    failures = {
        "compiler": ClusterError("it does not compile"),
        "go": pytest.skip.Exception("there is no go on PATH"),
        "packages": subprocess.CalledProcessError(100, "apt-get"),
    }
    wanted = {name: refuses(reason) for name, reason in failures.items()}
    monkeypatch.setattr(building, "_ALL", {**wanted, "last": lambda: built.append("last")})
    building.main()
    assert built == ["last"]
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == list(failures)
    assert "it does not compile" in told[0]
