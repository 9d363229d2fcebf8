"""The files of one cluster, the ports that it has, and what is remembered between two runs."""

import json
import secrets
import socket
from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec import Struct, structs

from tenantmesh.cluster.folders import write_private
from tenantmesh.errors import ClusterError

_PORTS = {
    "etcd": "etcd",
    "etcd-peer": "etcd",
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
}
"""The ports' names, each with the component that listens there."""

_LOOPBACK = "127.0.0.1"
_FIRST_PORT, _LAST_PORT = 20000, 32000
_OWNED = ("cluster.json", "kubeconfig", "etcd", "etcd.new", "logs", "pki", "users", "stages")


class Layout(Struct, frozen=True, kw_only=True):
    """Names every file in a cluster's folder, whether it is there or not."""

    folder: Path

    @property
    def pki(self) -> Path:
        """Certificates, private keys and the components' kubeconfigs."""
        return self.folder / "pki"

    @property
    def etcd(self) -> Path:
        """The data of the cluster."""
        return self.folder / "etcd"

    @property
    def etcd_is_new(self) -> Path:
        """There until etcd was first ready with its data: what it has then is nobody's, and may be half written."""
        return self.folder / "etcd.new"

    @property
    def stages(self) -> Path:
        """The kwok stages that are tenantmesh's own."""
        return self.folder / "stages"

    @property
    def users(self) -> Path:
        """Kubeconfigs that were issued for users."""
        return self.folder / "users"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.folder / "kubeconfig"

    @property
    def record(self) -> Path:
        """What is remembered: see Record."""
        return self.folder / "cluster.json"

    @property
    def lock(self) -> Path:
        """Held while the cluster is changed."""
        return self.folder / "lock"

    def log(self, component: str) -> Path:
        """What a component has printed since it last started."""
        return self.folder / "logs" / f"{component}.log"

    def component_kubeconfig(self, component: str) -> Path:
        """The kubeconfig that a component uses."""
        return self.pki / f"{component}.kubeconfig"

    @property
    def owned(self) -> tuple[Path, ...]:
        """All that a cluster makes here: nothing else may be deleted with it."""
        return tuple(self.folder / name for name in _OWNED)


class Record(Struct, frozen=True, kw_only=True):
    """A cluster as it was last started: Kubernetes' version, its ports, the components that run, how many nodes."""

    version: str
    ports: Mapping[str, int]
    components: tuple[str, ...]
    nodes: int = 0

    @property
    def server(self) -> str:
        """The API server's address."""
        return f"https://{_LOOPBACK}:{self.ports['kube-apiserver']}"


def read_record(layout: Layout) -> Record | None:
    """What is remembered, None for a folder without a cluster; ClusterError when the file is damaged."""
    try:
        data = json.loads(layout.record.read_bytes())
        return Record(**data | {"components": tuple(data["components"])})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as problem:
        raise ClusterError(
            f"{layout.record} can't be read ({problem}): delete the cluster and start it again"
        ) from None


def write_record(layout: Layout, record: Record) -> None:
    """Remember it."""
    write_private(layout.record, json.dumps(structs.asdict(record), indent=2).encode())


def choose_ports(before: Mapping[str, int], running: Collection[str]) -> dict[str, int]:
    """A loopback port for each name: the one it had, if its component runs or nobody listens there, else a free one.

    New ports lie below the range from which systems take the ports of outgoing connections, so that none is lost
    between this check and the component's start.
    """
    ports = {name: port for name, port in before.items() if _PORTS.get(name) in running or _is_free(port)}
    for name in _PORTS:
        if name not in ports:
            ports[name] = _new_port(ports.values())
    return ports


def _new_port(taken: Collection[int]) -> int:
    for _ in range(1000):
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT)
        if port not in taken and _is_free(port):
            return port
    raise ClusterError(f"no free port between {_FIRST_PORT} and {_LAST_PORT} on {_LOOPBACK}: end what holds them")


def _is_free(port: int) -> bool:
    """Connections that are closing do not count: the servers themselves ignore them too."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
    return True
