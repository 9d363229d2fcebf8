"""The lab's kubelet, a process of its own: runs the pods that are bound to its node, each in a network of its own."""

import http
import json
import logging
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tenantmesh.cluster.folders import write_private
from tenantmesh.lab.containers import CONTROL_PLANE, Containers
from tenantmesh.lab.enforcement import Enforcement
from tenantmesh.lab.images import read_images
from tenantmesh.lab.layout import Layout
from tenantmesh.lab.names import MIRROR, Names, write_resolver
from tenantmesh.lab.node import Node
from tenantmesh.lab.oracle import PROGRAM
from tenantmesh.lab.pod import Place, RunningPod
from tenantmesh.lab.services import Services
from tenantmesh.lab.watch import follow

NODE = "tenantmesh-lab"
"""The name of the lab's only node."""

_PODS = f"/api/v1/pods?fieldSelector=spec.nodeName%3D{NODE}"
_STARTING = 3
"""As many pods start at once: a proxy that starts takes all of a core."""
_ENDING = 64
"""As many pods end at once: each only waits for its proxies to drain."""
_HEAD_START = 5.0
"""Seconds in which a pod that starts is ready, unless it waits for something."""
_CHECK_EVERY = 0.5
_LOOK_EVERY = 0.1
_QUIET_CHECK_EVERY = 5.0
_HEARTBEAT = 10.0
_CAPACITY = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "200Gi", "pods": "250"}

_INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
_WATCHERS = 2048

_NODE_INFO = (
    "architecture",
    "bootID",
    "containerRuntimeVersion",
    "kernelVersion",
    "kubeProxyVersion",
    "machineID",
    "osImage",
    "systemUUID",
)
"""What a node has to say of itself, of which the lab's says nothing."""

log = logging.getLogger(__name__)


class Kubelet:
    """Runs pods until it is stopped."""

    def __init__(self, layout: Layout, node: Node, enforcement: Enforcement) -> None:
        self._layout = layout
        self._api = layout.cluster.api()
        self._version = layout.cluster.record().version
        self._node = node
        self._enforcement = enforcement
        self._pods: dict[str, RunningPod] = {}
        self._gone: set[str] = set()
        self._starting = ThreadPoolExecutor(_STARTING, thread_name_prefix="start")
        self._ending = ThreadPoolExecutor(_ENDING, thread_name_prefix="end")

    def run(self) -> None:
        """Register the node, then follow the pods for as long as this process lives; whoever ends it ends them."""
        self._register()
        self._serve_names()
        for action in (self._check, self._beat):
            threading.Thread(target=action, daemon=True, name=action.__name__).start()
        self._follow()

    def _register(self) -> None:
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": NODE,
                "labels": {
                    "kubernetes.io/arch": "amd64",
                    "kubernetes.io/hostname": NODE,
                    "kubernetes.io/os": "linux",
                    "topology.kubernetes.io/region": "local",
                    "topology.kubernetes.io/zone": "local-a",
                },
            },
        }
        self._api.apply(f"/api/v1/nodes/{NODE}", body)
        self._beat_once()

    def _serve_names(self) -> None:
        """A new cluster takes a moment until pods can be made in its system's namespace."""
        account = "/api/v1/namespaces/kube-system/serviceaccounts/default"
        while self._api.request("GET", account).status != http.HTTPStatus.OK:
            time.sleep(_CHECK_EVERY)
        Names(self._api, self._node, NODE).start()

    def _beat(self) -> None:
        while True:
            time.sleep(_HEARTBEAT)
            self._beat_once()

    def _beat_once(self) -> None:
        """Without it the controllers take the node for lost after 50 seconds."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        pressure = ("MemoryPressure", "DiskPressure", "PIDPressure")
        conditions = [("Ready", "True"), *((name, "False") for name in pressure)]
        status = {
            "addresses": [{"type": "InternalIP", "address": self._node.host_address}],
            "allocatable": _CAPACITY,
            "capacity": _CAPACITY,
            "nodeInfo": dict.fromkeys(_NODE_INFO, "") | {"kubeletVersion": self._version, "operatingSystem": "linux"},
            "conditions": [
                {"type": name, "status": value, "reason": "Lab", "lastHeartbeatTime": now, "lastTransitionTime": now}
                for name, value in conditions
            ],
        }
        body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}, "status": status}
        self._api.request("PATCH", f"/api/v1/nodes/{NODE}/status?fieldManager=kubelet&force=true", body)

    def _follow(self) -> None:
        for event, pod in follow(self._api, _PODS):
            uid = pod["metadata"]["uid"]
            if MIRROR in pod["metadata"].get("annotations", {}):
                continue
            if event == "DELETED" or "deletionTimestamp" in pod["metadata"]:
                if uid not in self._gone:
                    self._gone.add(uid)
                    self._ending.submit(self._remove, pod)
            elif uid not in self._pods and uid not in self._gone:
                self._pods[uid] = self._placed(pod)
                self._starting.submit(self._start, uid)

    def _placed(self, pod: dict[str, Any]) -> RunningPod:
        metadata = pod["metadata"]
        folder = self._layout.pod(metadata["namespace"], metadata["name"])
        shutil.rmtree(folder, ignore_errors=True)
        place = self._place(pod, folder)
        containers = Containers(
            pod=pod,
            address=place.address,
            host=self._node.host_address,
            folder=folder,
            programs=self._layout.programs,
            kubeconfig=self._layout.cluster.kubeconfig,
            images=read_images(self._layout.images),
        )
        return RunningPod(api=self._api, body=pod, place=place, containers=containers, lab=self._layout.folder)

    def _place(self, pod: dict[str, Any], folder: Path) -> Place:
        """A network of its own for each pod but istiod, which runs on the host beside the API server."""
        host = self._node.host_address
        if pod["spec"]["containers"][0]["name"] == CONTROL_PLANE:
            return Place(address=host, enter=(), node="", host=host)
        network = self._node.attach(_network_name(pod))
        self._enforcement.refresh()
        write_resolver(network.namespace, pod["metadata"]["namespace"])
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        (folder / "network").write_text(network.namespace)
        enter = tuple(self._node.enter(network.namespace))
        return Place(address=network.address, enter=enter, node=self._node.namespace, host=host)

    def _start(self, uid: str, *, again: bool = False) -> None:
        """Start a pod, and hold the next ones back until it is ready, or waits for something that is not there yet."""
        pod = self._pods.get(uid)
        if not pod or uid in self._gone:
            return
        try:
            pod.start()
        except Exception:
            if not again:
                log.exception("%s does not start yet", pod.name)
            time.sleep(_CHECK_EVERY)
            self._starting.submit(self._start, uid, again=True)
            return
        deadline = time.monotonic() + _HEAD_START
        while uid not in self._gone and not self._is_ready(pod) and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)

    def _remove(self, body: dict[str, Any]) -> None:
        metadata = body["metadata"]
        pod = self._pods.pop(metadata["uid"], None)
        if pod:
            pod.stop()
            if pod.place.node:
                self._node.detach(_network_name(body))
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": metadata["uid"]}}
        self._api.request("DELETE", path, options)

    def _check(self) -> None:
        """Look at pods: often at those that are not ready, seldom at the others."""
        ready, until = set[str](), 0.0
        while True:
            time.sleep(_CHECK_EVERY)
            if time.monotonic() > until:
                ready, until = set(), time.monotonic() + _QUIET_CHECK_EVERY
            ready = {uid for uid, pod in dict(self._pods).items() if uid in ready or self._is_ready(pod)}

    @staticmethod
    def _is_ready(pod: RunningPod) -> bool:
        try:
            return pod.check()
        except Exception:
            log.exception("%s can't be looked at", pod.name)
            return False


def _network_name(pod: dict[str, Any]) -> str:
    return f"{pod['metadata']['namespace']}.{pod['metadata']['name']}"


def _allow_proxies() -> None:
    """Each agent and each Envoy watches files, all as one user, for whom the kernel's default of 128 soon runs out."""
    if int(_INOTIFY.read_text()) < _WATCHERS:
        _INOTIFY.write_text(str(_WATCHERS))


def main() -> int:
    """Run the kubelet of the lab whose folder is the only argument, until it is ended."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    layout = Layout.at(Path(sys.argv[1]))
    _allow_proxies()
    node = Node(layout.id)
    node.up()
    api = layout.cluster.api()
    Services(api, node).start()
    enforcement = Enforcement(api, node, layout.programs / PROGRAM)
    enforcement.start()
    record = {"host": node.host_address, "node": node.address, "namespace": node.namespace}
    write_private(layout.node, json.dumps(record).encode())
    Kubelet(layout, node, enforcement).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
