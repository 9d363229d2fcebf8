"""Starting, stopping and deleting a cluster: `up` makes what is there into what is wanted, whatever it finds."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from tenantmesh.cluster.build import BUILD_TIMEOUT
from tenantmesh.cluster.cluster import Cluster
from tenantmesh.cluster.folders import default_cache_folder, private_folder
from tenantmesh.cluster.locks import held
from tenantmesh.cluster.nodes import MAXIMUM
from tenantmesh.cluster.processes import Process, find, require_linux, stop
from tenantmesh.cluster.progress import OnProgress, Step, silent
from tenantmesh.cluster.readiness import EndedError
from tenantmesh.cluster.start import Start
from tenantmesh.cluster.tools import find_tools, start_order
from tenantmesh.errors import ClusterError

DEFAULT_NODES = 3
START_TIMEOUT = 180.0
_LOCK_TIMEOUT = 120.0
_GRACE = 10.0


def up(
    folder: Path | None = None,
    *,
    nodes: int = DEFAULT_NODES,
    timeout: float = START_TIMEOUT,
    cache: Path | None = None,
    on_progress: OnProgress = silent,
) -> Cluster:
    """Have a cluster run, and give it once it is ready to use.

    A component that runs as wanted is left alone; one that ended, or runs with other flags or in another version, is
    started again; all data stays. Several clusters run side by side in different folders, on loopback only.

    `folder` is the cluster's (default: `tenantmesh/cluster` in the user's state folder), `nodes` how many nodes are
    simulated (default: 3), `timeout` how many seconds each step of the start may take (default: 180; building is
    apart), `cache` where built programs are kept (default: `tenantmesh` in the user's cache folder). Raises
    ClusterError, with the end of the log of the component that failed.
    """
    require_linux()
    if not 0 <= nodes <= MAXIMUM:
        raise ClusterError(f"{nodes} nodes: choose 0 to {MAXIMUM}")
    cluster = Cluster.at(folder)
    tools = find_tools(cache or default_cache_folder(), on_progress)
    private_folder(cluster.folder)
    with held(cluster.layout.lock, timeout=BUILD_TIMEOUT, on_progress=on_progress):
        start = Start(cluster=cluster, tools=tools, nodes=nodes, timeout=timeout, on_progress=on_progress)
        try:
            start.run()
        except EndedError:
            # A component that was found running may have been about to end, and a free port may have been taken.
            on_progress(Step(text="a component ended: starting once more"))
            start.run()
    return cluster


def down(folder: Path | None = None, *, on_progress: OnProgress = silent) -> None:
    """Stop the cluster in `folder` and keep its data; one that does not run is fine.

    Ends the cluster's own processes only, also those that an interrupted start left behind.
    """
    require_linux()
    cluster = Cluster.at(folder)
    if not cluster.folder.is_dir():
        _stop_all(find(cluster.folder), cluster.folder, on_progress)
        return
    with held(cluster.layout.lock, timeout=_LOCK_TIMEOUT, on_progress=on_progress):
        _stop_all(find(cluster.folder), cluster.folder, on_progress)


def delete(folder: Path | None = None, *, on_progress: OnProgress = silent) -> None:
    """Stop the cluster in `folder` and remove all its data; files that no cluster made stay where they are."""
    require_linux()
    cluster = Cluster.at(folder)
    down(folder, on_progress=on_progress)
    if not cluster.folder.is_dir():
        return
    with held(cluster.layout.lock, timeout=_LOCK_TIMEOUT, on_progress=on_progress):
        for path in cluster.layout.owned:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _stop_all(processes: Iterable[Process], folder: Path, on_progress: OnProgress) -> None:
    """The reverse of the order of starting: nobody loses the server that it talks to."""
    for process in sorted(processes, key=lambda process: start_order(process.component), reverse=True):
        on_progress(Step(text=f"stopping {process.component}"))
        stop(process, folder, grace=_GRACE)
