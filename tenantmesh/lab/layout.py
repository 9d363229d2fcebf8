"""The files of one lab, and what is remembered of it between two commands."""

import hashlib
from pathlib import Path

from msgspec import Struct

from tenantmesh.cluster import Cluster
from tenantmesh.errors import LabError

DEFAULT_FOLDER = Path("/var/lib/tenantmesh/lab")
"""Proxies run as another user than the lab, so its folder may not lie below somebody's home."""


class Layout(Struct, frozen=True, kw_only=True):
    """Names every file in a lab's folder, whether it is there or not."""

    folder: Path

    @staticmethod
    def at(folder: Path | None = None) -> "Layout":
        """The lab in `folder`. Default: DEFAULT_FOLDER."""
        return Layout(folder=(folder or DEFAULT_FOLDER).expanduser().resolve())

    @property
    def id(self) -> str:
        """What tells this lab's network namespaces and interfaces from those of other labs: six hexadecimal digits."""
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:6]

    @property
    def cluster(self) -> Cluster:
        """The lab's own control plane."""
        return Cluster(folder=self.folder / "cluster")

    @property
    def lock(self) -> Path:
        """Held while the lab is started or stopped."""
        return self.folder / "lock"

    @property
    def programs(self) -> Path:
        """Where the programs lie that pods run."""
        return self.folder / "bin"

    @property
    def state(self) -> Path:
        """The state of the stack that is deployed to the lab."""
        return self.folder / "state"

    @property
    def node(self) -> Path:
        """What the kubelet says of the node once that is up: see NodeRecord."""
        return self.folder / "node.json"

    @property
    def record(self) -> Path:
        """Which stack the lab was started with, once it is ready."""
        return self.folder / "lab.json"

    @property
    def images(self) -> Path:
        """Which commands play which images: see read_images."""
        return self.folder / "images.json"

    @property
    def clients(self) -> Path:
        """Certificates and keys of the tenants' clients, for the person who started the lab."""
        return self.folder / "clients"

    @property
    def pods(self) -> Path:
        """A folder for each pod that runs."""
        return self.folder / "pods"

    def pod(self, namespace: str, name: str) -> Path:
        """The folder of a pod: its containers' root folders, their logs, and its network's name."""
        return self.pods / f"{namespace}.{name}"

    def log(self, component: str) -> Path:
        """What a component prints."""
        return self.folder / "logs" / f"{component}.log"

    @property
    def owned(self) -> tuple[Path, ...]:
        """All that a lab makes here and that `down` removes."""
        names = ("bin", "clients", "cluster", "images.json", "lab.json", "logs", "node.json", "pods", "state")
        return tuple(self.folder / name for name in names)


def shared_folder(folder: Path) -> Path:
    """Make a lab's folder, which every user may pass through but not list; LabError where they can't reach it."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    for one in folder.parents:
        if not one.stat().st_mode & 0o001:
            raise LabError(f"{folder} can't be reached by other users, as {one} is closed: choose another --folder")
    return folder
