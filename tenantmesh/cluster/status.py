"""How a cluster is: nothing there, stopped, running, or running in part."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from msgspec import Struct

from tenantmesh.cluster.cluster import Cluster
from tenantmesh.cluster.layout import Record, read_record
from tenantmesh.cluster.nodes import ready_nodes
from tenantmesh.cluster.processes import find, require_linux
from tenantmesh.errors import ClusterError


class State(Enum):
    """What a cluster as a whole is."""

    ABSENT = "absent"
    STOPPED = "stopped"
    RUNNING = "running"
    DEGRADED = "degraded"
    """Some components run and others have ended, or the API server is not ready: `up` heals it."""


class Status(Struct, frozen=True, kw_only=True):
    """One look at a cluster. `version`, `server` and `kubeconfig` are None where no cluster was ever started."""

    state: State
    folder: Path
    version: str | None
    server: str | None
    kubeconfig: Path | None
    pids: Mapping[str, int]
    """The pid of each component that runs."""
    missing: tuple[str, ...]
    """The components that should run and do not."""
    nodes: int
    """How many nodes are ready; 0 while the cluster as a whole is not."""


def status(folder: Path | None = None) -> Status:
    """Look at the cluster in `folder` (default: the user's own); changes nothing and needs no lock."""
    require_linux()
    cluster = Cluster.at(folder)
    pids = {process.component: process.pid for process in find(cluster.folder)}
    record = read_record(cluster.layout)
    components = record.components if record else ()
    missing = tuple(name for name in components if name not in pids)
    nodes = _nodes(cluster) if record is not None and not missing else None
    return Status(
        state=_state(record, pids, is_ready=nodes is not None),
        folder=cluster.folder,
        version=record.version if record else None,
        server=record.server if record else None,
        kubeconfig=cluster.kubeconfig if record else None,
        pids=pids,
        missing=missing if pids else (),
        nodes=nodes or 0,
    )


def _state(record: Record | None, pids: Mapping[str, int], *, is_ready: bool) -> State:
    if not pids:
        return State.STOPPED if record else State.ABSENT
    return State.RUNNING if is_ready else State.DEGRADED


def _nodes(cluster: Cluster) -> int | None:
    """None where the API server is not ready: it says so, or it can't say what is stored."""
    api = cluster.api()
    try:
        return ready_nodes(api) if api.is_ok("/readyz") else None
    except ClusterError:
        return None
