"""The lab as its user sees it: start it with a stack, reach what runs in it, stop it."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from tenantmesh.cluster import State, delete, status
from tenantmesh.cluster import up as cluster_up
from tenantmesh.cluster.api import Api
from tenantmesh.cluster.folders import default_cache_folder
from tenantmesh.cluster.locks import held
from tenantmesh.cluster.processes import Process, find, stop
from tenantmesh.cluster.processes import start as start_process
from tenantmesh.cluster.progress import OnProgress, Step, silent
from tenantmesh.errors import LabError
from tenantmesh.lab.counting import build_rate_limit_service, counting_images
from tenantmesh.lab.deploying import Stack
from tenantmesh.lab.images import write_images
from tenantmesh.lab.istio import install_istio
from tenantmesh.lab.layout import Layout, shared_folder
from tenantmesh.lab.node import Node
from tenantmesh.lab.oracle import build_oracle
from tenantmesh.lab.programs import built_programs, find_envoy, place
from tenantmesh.lab.readiness import are_found, are_rolled_out, is_ending
from tenantmesh.lab.requirements import missing
from tenantmesh.lab.services import are_applied

KUBELET = "lab-kubelet"
_LOCK_TIMEOUT = 3600.0
_TIMEOUT = 120.0
_PAUSE = 0.1
_LOG_BYTES = 4000


class Lab(Struct, frozen=True, kw_only=True):
    """The lab in a folder, whether it runs or not."""

    layout: Layout

    @staticmethod
    def at(folder: Path | None = None) -> "Lab":
        """The lab in `folder`. Default: DEFAULT_FOLDER."""
        return Lab(layout=Layout.at(folder))

    @property
    def api(self) -> Api:
        """A client of its API server with all rights."""
        return self.layout.cluster.api()

    @property
    def address(self) -> str:
        """The host's address inside the lab, where istiod listens; LabError while no lab runs."""
        return self._node()["host"]

    @property
    def node_address(self) -> str:
        """The node's address, where the node ports of Services are; LabError while no lab runs."""
        return self._node()["node"]

    @property
    def node(self) -> str:
        """The network namespace of the lab's node; LabError while no lab runs."""
        return self._node()["namespace"]

    def namespace(self, pod: dict[str, Any]) -> str:
        """The network namespace that a pod runs in; LabError if it does not run."""
        metadata = pod["metadata"]
        try:
            return (self.layout.pod(metadata["namespace"], metadata["name"]) / "network").read_text()
        except FileNotFoundError:
            raise LabError(f"{metadata['namespace']}/{metadata['name']} does not run in the lab") from None

    def pods(self, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """The pods of a namespace that match a label selector and are not about to end."""
        found = self.api.get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}")["items"]
        return [pod for pod in found if not is_ending(pod)]

    def all_pods(self) -> list[dict[str, Any]]:
        """All pods, in the order of namespace and name."""
        found = self.api.get("/api/v1/pods")["items"]
        return sorted(found, key=lambda pod: (pod["metadata"]["namespace"], pod["metadata"]["name"]))

    def wait(self, what: str, holds: Callable[[], bool], *, timeout: float = _TIMEOUT) -> None:
        """Look until it holds; LabError with the end of the kubelet's log after `timeout` s or when that ends."""
        deadline = time.monotonic() + timeout
        while not holds():
            if not self._kubelets():
                raise LabError(f"the lab's kubelet has ended\n{self._tail()}")
            if time.monotonic() > deadline:
                raise LabError(f"{what} did not come within {timeout:g} s\n{self._tail()}{self._unready()}")
            time.sleep(_PAUSE)

    def play(self, images: Mapping[str, Sequence[str]]) -> None:
        """Have commands of this machine play images, by their last names, in pods that start from now on.

        Each must be one that any user can run; the container's arguments come after it.
        """
        write_images(self.layout.images, images)

    def deploy(self, stack: Stack) -> None:
        """Bring a stack, as it is now, to the running lab, its Mesh's settings too, and wait until all pods are ready.

        A pod takes settings that its injected proxy starts with when it is made anew, as in any mesh.
        """
        values = stack.helm_values()
        install_istio(self.api, self.layout.programs / "discovery", values, self.address)
        self.wait("istiod", lambda: self.are_ready(values["global"]["istioNamespace"]))
        stack.deploy(self.layout)
        self.wait("the tenants' pods", lambda: self.are_ready(*_tenants(self.api)))

    def runs(self) -> bool:
        """Whether its control plane and its kubelet run."""
        return bool(self._kubelets()) and status(self.layout.cluster.folder).state is State.RUNNING

    def are_ready(self, *namespaces: str) -> bool:
        """Whether every Deployment of these namespaces has all its pods, in their newest form, and ready to be asked.

        Services lead to them then, and to none that is about to end.
        """
        return all(map(self._is_ready, namespaces)) and are_applied(self.api, Node.running(self.layout.id))

    def _is_ready(self, namespace: str) -> bool:
        core, apps = f"/api/v1/namespaces/{namespace}", f"/apis/apps/v1/namespaces/{namespace}"
        discovery = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}"
        deployments, pods, services, slices = (
            self.api.get(path)["items"]
            for path in (f"{apps}/deployments", f"{core}/pods", f"{core}/services", f"{discovery}/endpointslices")
        )
        return are_rolled_out(deployments, pods) and are_found(pods, services, slices)

    def _kubelets(self) -> list[Process]:
        return [one for one in find(self.layout.folder) if one.component == KUBELET]

    def _node(self) -> dict[str, str]:
        try:
            return json.loads(self.layout.node.read_bytes())
        except FileNotFoundError:
            raise LabError(f"no lab runs in {self.layout.folder}: start one with `tenantmesh lab up`") from None

    def _unready(self) -> str:
        """The last words of each container that is not ready."""
        found = [(pod, one["name"]) for pod in self.all_pods() for one in _unready(pod)]
        return "\n".join(f"{_name(pod)} {name}: {self._last(pod, name)}" for pod, name in found)

    def _last(self, pod: dict[str, Any], container: str) -> str:
        log = self.layout.pod(pod["metadata"]["namespace"], pod["metadata"]["name"]) / f"{container}.log"
        lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
        return lines[-1] if lines else "it said nothing"

    def _tail(self) -> str:
        path = self.layout.log(KUBELET)
        return path.read_text(errors="replace")[-_LOG_BYTES:] if path.is_file() else ""


def _unready(pod: dict[str, Any]) -> list[dict[str, Any]]:
    status = pod.get("status", {})
    both = (*status.get("initContainerStatuses", []), *status.get("containerStatuses", []))
    return [one for one in both if not one["ready"]]


def _name(pod: dict[str, Any]) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def up(
    stack: Stack,
    folder: Path | None = None,
    *,
    images: Mapping[str, Sequence[str]] | None = None,
    cache: Path | None = None,
    on_progress: OnProgress = silent,
) -> Lab:
    """Have a lab run with `stack` in it, and give it once every pod is ready; `images` as `Lab.play` takes them.

    A lab that runs with the same stack is kept; else whatever is left in `folder`, of a killed run for one, is removed
    first. Raises LabError or ClusterError with what was missing.
    """
    if reason := missing():
        raise LabError(reason)
    layout = Layout.at(folder)
    cache = cache or default_cache_folder()
    programs = built_programs(cache, on_progress)
    others = (find_envoy(), build_oracle(cache, on_progress), build_rate_limit_service(cache, on_progress))
    shared_folder(layout.folder)
    with held(layout.lock, timeout=_LOCK_TIMEOUT, on_progress=on_progress):
        lab = Lab(layout=layout)
        record = json.dumps({"program": str(stack.program.resolve()), "stack": stack.name, "built": programs.name})
        kept = layout.record.is_file() and layout.record.read_text() == record and lab.runs()
        if not kept:
            _clean(layout, on_progress)
            place((*programs.iterdir(), *others), layout.programs)
        lab.play({**counting_images(layout.programs), **(images or {})})
        if not kept:
            _start(lab, stack, cache, on_progress)
            layout.record.write_text(record)
    return lab


def down(folder: Path | None = None, *, on_progress: OnProgress = silent) -> None:
    """End the lab in `folder` and remove everything that it made, whatever state it is in."""
    layout = Layout.at(folder)
    if not layout.folder.is_dir():
        _clean(layout, on_progress)
    else:
        with held(layout.lock, timeout=_LOCK_TIMEOUT, on_progress=on_progress):
            _clean(layout, on_progress)


def _start(lab: Lab, stack: Stack, cache: Path, on_progress: OnProgress) -> None:
    layout = lab.layout
    cluster_up(layout.cluster.folder, nodes=0, cache=cache, on_progress=on_progress)
    on_progress(Step(text="starting the node and its kubelet"))
    command = (sys.executable, "-m", "tenantmesh.lab.kubelet", str(layout.folder))
    start_process(KUBELET, command, layout.folder, layout.log(KUBELET))
    lab.wait("the node", layout.node.exists)
    on_progress(Step(text=f"starting istiod, and deploying stack {stack.name}"))
    lab.deploy(stack)


def _tenants(api: Api) -> list[str]:
    found = api.get("/api/v1/namespaces?labelSelector=tenantmesh.dev/tenant")["items"]
    return [one["metadata"]["name"] for one in found]


def _clean(layout: Layout, on_progress: OnProgress) -> None:
    """The kubelet first, which would start again what ends. Nothing has anything to save."""
    for process in sorted(find(layout.folder), key=lambda process: process.component != KUBELET):
        on_progress(Step(text=f"stopping {process.component}"))
        stop(process, layout.folder, grace=0)
    Node(layout.id).down()
    delete(layout.cluster.folder, on_progress=on_progress)
    for path in layout.owned:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
