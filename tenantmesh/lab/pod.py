"""One pod that runs: its processes, whether they are ready, and what the API server is told of it."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tenantmesh.cluster.api import Api
from tenantmesh.lab.containers import Containers, Running
from tenantmesh.lab.probes import Probe
from tenantmesh.lab.spawn import Spawn
from tenantmesh.lab.volumes import Volumes

_GRACE = 3.0
_LONGEST_PAUSE = 10.0


class Place(Struct, frozen=True, kw_only=True):
    """Where a pod runs: its address, the prefix of a command that runs within it, and the node around it."""

    address: str
    enter: tuple[str, ...]
    node: str
    host: str


class RunningPod(Struct, kw_only=True):
    """The processes of one pod, restarted when they end."""

    api: Api
    body: dict[str, Any]
    place: Place
    containers: Containers
    lab: Path
    _processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict[str, "subprocess.Popen[bytes]"])
    _restarts: dict[str, int] = field(default_factory=dict[str, int])
    _not_before: dict[str, float] = field(default_factory=dict[str, float])
    _told: str = ""
    _ended: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Namespace and name, as they are told in messages and component names."""
        return f"{self.body['metadata']['namespace']}/{self.body['metadata']['name']}"

    def start(self) -> None:
        """Redirect its traffic and start its containers in their order; safe to be called again after a failure.

        A pod that was stopped stays so.
        """
        with self._lock:
            if not self._ended:
                self._start()

    def _start(self) -> None:
        redirection = self.containers.redirection
        if redirection:
            subprocess.run(
                [*self.place.enter, *redirection], check=True, capture_output=True, timeout=60, cwd=self._folder()
            )
        for container in self.containers.all:
            if container["name"] not in self._processes:
                self._launch(container)

    def check(self) -> bool:
        """Restart what ended, probe the rest, tell the API server what changed, and say whether all is ready."""
        with self._lock:
            if not self._processes:
                return False
            states = {one["name"]: self._state(one) for one in self.containers.all}
            status = self._status(states)
            text = json.dumps(status, sort_keys=True)
            if text != self._told:
                self._tell(status)
                self._told = text
            return all(states.values())

    def stop(self) -> None:
        """End its processes and remove its files."""
        with self._lock:
            self._ended = True
            for process in self._processes.values():
                process.terminate()
            for process in self._processes.values():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_GRACE)
                # The whole session: an agent that is killed leaves its Envoy behind.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self._processes.clear()
        shutil.rmtree(self.containers.folder, ignore_errors=True)

    def _launch(self, container: dict[str, Any]) -> None:
        running = self.containers.running(container)
        running.root.mkdir(parents=True, exist_ok=True)
        running.root.chmod(0o755)
        shutil.chown(running.root, running.user, running.user)
        Volumes(api=self.api, pod=self.body, owner=running.user).write(container, running.root)
        log = self._folder() / f"{running.name}.log"
        log.touch()
        # Envoy opens /dev/stdout by name, for which the file has to be its own.
        shutil.chown(log, running.user, running.user)
        spawn = Spawn(
            component=f"{self.name}/{running.name}",
            command=(*self.place.enter, *_as_user(running), *running.command),
            environment=running.environment,
            folder=running.root,
            log=log,
        )
        self._processes[running.name] = spawn.start(self.lab)

    def _folder(self) -> Path:
        self.containers.folder.mkdir(parents=True, exist_ok=True)
        self.containers.folder.chmod(0o711)
        return self.containers.folder

    def _state(self, container: dict[str, Any]) -> bool:
        process = self._processes[container["name"]]
        if process.poll() is not None:
            self._restart(container)
            return False
        probe = Probe.of(container, self.place.node, self.place.address)
        return probe is None or probe.holds()

    def _restart(self, container: dict[str, Any]) -> None:
        """Sooner the first times, and then every ten seconds."""
        name, now = container["name"], time.monotonic()
        count = self._restarts.get(name, 0)
        if now < self._not_before.get(name, 0):
            return
        self._not_before[name] = now + min(2**count, _LONGEST_PAUSE)
        self._restarts[name] = count + 1
        self._launch(container)

    def _status(self, states: dict[str, bool]) -> dict[str, Any]:
        sidecars = {one["name"] for one in self.body["spec"].get("initContainers", [])}
        started = self.body["metadata"]["creationTimestamp"]
        statuses = [self._container(one, states[one["name"]], started) for one in self.containers.all]
        checks = [self._finished(name, started) for name in sorted(sidecars - states.keys())]
        ready = "True" if all(states.values()) else "False"
        return {
            "phase": "Running",
            "hostIP": self.place.host,
            "hostIPs": [{"ip": self.place.host}],
            "podIP": self.place.address,
            "podIPs": [{"ip": self.place.address}],
            "startTime": started,
            "conditions": [
                {"type": "Initialized", "status": "True"},
                {"type": "PodReadyToStartContainers", "status": "True"},
                {"type": "ContainersReady", "status": ready},
                {"type": "Ready", "status": ready},
            ],
            "initContainerStatuses": [*checks, *(one for one in statuses if one["name"] in sidecars)],
            "containerStatuses": [one for one in statuses if one["name"] not in sidecars],
        }

    def _container(self, container: dict[str, Any], ready: bool, started: str) -> dict[str, Any]:  # noqa: FBT001 -- a fact, no switch
        return {
            "name": container["name"],
            "image": container["image"],
            "imageID": container["image"],
            "containerID": f"tenantmesh://{self.body['metadata']['uid']}/{container['name']}",
            "ready": ready,
            "started": True,
            "restartCount": self._restarts.get(container["name"], 0),
            "state": {"running": {"startedAt": started}},
        }

    def _finished(self, name: str, started: str) -> dict[str, Any]:
        over = {"exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": started}
        container = next(one for one in self.body["spec"]["initContainers"] if one["name"] == name)
        image = container["image"]
        return {
            "name": name,
            "image": image,
            "imageID": image,
            "ready": True,
            "restartCount": 0,
            "state": {"terminated": over},
        }

    def _tell(self, status: dict[str, Any]) -> None:
        namespace, name = self.name.split("/")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = {**status, "conditions": [{**one, "lastTransitionTime": now} for one in status["conditions"]]}
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "uid": self.body["metadata"]["uid"]},
            "status": status,
        }
        # A pod that is gone meanwhile needs no status: any answer will do.
        self.api.request(
            "PATCH", f"/api/v1/namespaces/{namespace}/pods/{name}/status?fieldManager=kubelet&force=true", body
        )


def _as_user(running: Running) -> tuple[str, ...]:
    if running.user == 0:
        return ()
    return ("setpriv", f"--reuid={running.user}", f"--regid={running.user}", "--clear-groups")
