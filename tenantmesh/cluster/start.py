"""One start of a cluster, step by step."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tenantmesh.cluster.cluster import Cluster
from tenantmesh.cluster.components import ADMIN, API_CLIENTS, Settings, arguments, keep_certificates
from tenantmesh.cluster.crds import are_established, install_crds
from tenantmesh.cluster.folders import write_private
from tenantmesh.cluster.kubeconfig import keep_kubeconfig
from tenantmesh.cluster.layout import Record, choose_ports, read_record, write_record
from tenantmesh.cluster.nodes import apply_nodes, ready_nodes, write_stages
from tenantmesh.cluster.pki import Circle
from tenantmesh.cluster.processes import Process, find, start, stop
from tenantmesh.cluster.progress import OnProgress, Step
from tenantmesh.cluster.readiness import Wait, wait_for
from tenantmesh.cluster.tools import COMPONENTS, Tools, start_order

_GRACE = 10.0
_ORPHAN_GRACE = 1.0
"""Seconds for an API server without etcd, which has nothing left to save and would wait for it in vain."""

_DEFAULT_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"


@dataclass(slots=True, kw_only=True)
class Start:
    """What one start needs to know, and the processes that it has found or started."""

    cluster: Cluster
    tools: Tools
    nodes: int
    timeout: float
    on_progress: OnProgress
    _processes: dict[str, Process] = field(default_factory=dict[str, Process], init=False)

    def run(self) -> None:
        """Have everything run, and wait until it can be used; may be called again after a failure."""
        self._processes.clear()
        commands = self._prepare()
        self._stop_unwanted(commands)
        for name in ("etcd", "kube-apiserver"):
            self._start(name, commands)
            self._wait(name, f"{name}'s readiness", self._health(name))
            self.cluster.layout.etcd_is_new.unlink(missing_ok=True)
        for name in self._controllers():
            self._start(name, commands)
        self._fill()

    def _prepare(self) -> Mapping[str, tuple[str, ...]]:
        """Write every file, and give the command line of each component."""
        layout = self.cluster.layout
        running = {process.component for process in find(self.cluster.folder)}
        before = read_record(layout)
        ports = choose_ports(before.ports if before else {}, running)
        record = Record(
            version=self.tools.version, ports=ports, components=tuple(self.tools.programs), nodes=self.nodes
        )
        keep_certificates(layout)
        keep_kubeconfig(layout.kubeconfig, server=record.server, pki=layout.pki, name=ADMIN)
        for name in API_CLIENTS:
            path = layout.component_kubeconfig(name)
            keep_kubeconfig(path, server=record.server, pki=layout.pki, name=name)
        write_record(layout, record)
        upstream = self.tools.modules.stages if self.tools.modules else ()
        stages = tuple(str(path) for path in (*upstream, *write_stages(layout.stages)))
        settings = Settings(layout=layout, ports=ports, stages=stages)
        return {name: (*program, *arguments(name, settings)) for name, program in self.tools.programs.items()}

    def _stop_unwanted(self, commands: Mapping[str, tuple[str, ...]]) -> None:
        """End what runs with another command line, or twice, or without its etcd; keep the rest.

        An API server whose etcd was away comes back by itself, but was seen to need a quarter of a minute for it.
        """
        for process in sorted(find(self.cluster.folder), key=lambda process: start_order(process.component)):
            name = process.component
            is_orphan = name == "kube-apiserver" and "etcd" not in self._processes
            if commands.get(name) == process.command and name not in self._processes and not is_orphan:
                self._processes[name] = process
            else:
                self.on_progress(Step(text=f"stopping {name}, to start it anew"))
                stop(process, self.cluster.folder, grace=_ORPHAN_GRACE if is_orphan else _GRACE)

    def _start(self, name: str, commands: Mapping[str, tuple[str, ...]]) -> None:
        if name not in self._processes:
            if name == "etcd":
                self._clear_store()
            self.on_progress(Step(text=f"starting {name}"))
            log = self.cluster.layout.log(name)
            self._processes[name] = start(name, commands[name], self.cluster.folder, log)

    def _clear_store(self) -> None:
        """Have no etcd begin with data that another one, ended in its first moments, could not finish.

        It would wait forever for members which are not in its log.
        """
        layout = self.cluster.layout
        if layout.etcd_is_new.exists():
            shutil.rmtree(layout.etcd, ignore_errors=True)
        if not layout.etcd.exists():
            write_private(layout.etcd_is_new, b"")

    def _controllers(self) -> tuple[str, ...]:
        return tuple(name for name in COMPONENTS[2:] if name in self.tools.programs)

    def _fill(self) -> None:
        """Give the cluster its kinds and nodes, and wait for these and for the controllers."""
        api = self.cluster.api()
        if self.tools.modules:
            self.on_progress(Step(text="installing the CRDs of Istio and the Gateway API"))
            names = install_crds(api, self.tools.modules.crds())
            self._wait("kube-apiserver", "the CRDs' kinds", lambda: are_established(api, names))
        if "kwok" in self._processes:
            self.on_progress(Step(text=f"waiting for {self.nodes} nodes"))
            apply_nodes(api, self.nodes)
            self._wait("kwok", f"{self.nodes} ready nodes", lambda: ready_nodes(api) >= self.nodes)
        for name in ("kube-controller-manager", "kube-scheduler"):
            if name in self._processes:
                self._wait(name, f"{name}'s readiness", self._health(name))
        if "kube-controller-manager" in self._processes:
            self._wait("kube-controller-manager", "the default account", lambda: bool(api.get(_DEFAULT_ACCOUNT)))

    def _health(self, name: str) -> Callable[[], bool]:
        """The component's own word, from the path where it gives it."""
        if name == "etcd":
            etcd = self.cluster.api("etcd-client", port="etcd", circle=Circle.ETCD)
            return lambda: etcd.is_ok("/health")
        path = "/readyz" if name == "kube-apiserver" else "/healthz"
        api = self.cluster.api(port=name)
        return lambda: api.is_ok(path)

    def _wait(self, name: str, what: str, holds: Callable[[], bool]) -> None:
        wait = Wait(what=what, holds=holds, process=self._processes[name], log=self.cluster.layout.log(name))
        wait_for(wait, self.cluster.folder, timeout=self.timeout)
