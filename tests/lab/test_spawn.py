"""What a process of a pod gets of the environment of whoever starts the lab."""

import json
import sys

from tenantmesh.lab.spawn import Spawn

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def test_a_pods_process_gets_how_much_memory_to_take_and_nothing_else_of_the_callers(tmp_path, monkeypatch):
    monkeypatch.setenv("ETCD_NAME", "other")
    monkeypatch.setenv("GOGC", "300")
    monkeypatch.setenv("GOMEMLIMIT", "1GiB")
    log = tmp_path / "shown.log"
    spawn = Spawn(
        component="pod",
        command=(sys.executable, "-I", "-c", SHOW),
        environment={"OWN": "1"},
        folder=tmp_path / "pod",
        log=log,
    )
    assert spawn.start(tmp_path).wait(60) == 0
    shown = json.loads(log.read_text())
    assert (shown["GOGC"], shown["GOMEMLIMIT"], shown["OWN"]) == ("300", "1GiB", "1")
    assert "ETCD_NAME" not in shown
