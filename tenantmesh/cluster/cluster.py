"""A cluster as its user sees it: where it is, how to reach it, and credentials for anybody."""

import hashlib
import re
from pathlib import Path

from msgspec import Struct

from tenantmesh.cluster.api import Api
from tenantmesh.cluster.components import ADMIN
from tenantmesh.cluster.folders import default_state_folder
from tenantmesh.cluster.kubeconfig import write_kubeconfig
from tenantmesh.cluster.layout import Layout, Record, read_record
from tenantmesh.cluster.pki import Authority, Circle, KeyPair, Subject
from tenantmesh.errors import ClusterError


class Cluster(Struct, frozen=True, kw_only=True):
    """The cluster whose state lies in `folder`, whether it runs or not."""

    folder: Path

    @staticmethod
    def at(folder: Path | None = None) -> "Cluster":
        """The cluster in `folder`. Default: `tenantmesh/cluster` in the user's state folder (XDG_STATE_HOME)."""
        return Cluster(folder=(folder or default_state_folder()).expanduser().resolve())

    @property
    def layout(self) -> Layout:
        """Where each of its files is."""
        return Layout(folder=self.folder)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig (group system:masters); there once the cluster was started."""
        return self.layout.kubeconfig

    @property
    def server(self) -> str:
        """The API server's address; ClusterError where no cluster was started."""
        return self.record().server

    def record(self) -> Record:
        """What is remembered of its last start; ClusterError where there was none."""
        record = read_record(self.layout)
        if record is None:
            raise ClusterError(f"no cluster in {self.folder}: start one with `tenantmesh cluster up`")
        return record

    def api(self, certificate: str = ADMIN, *, port: str = "kube-apiserver", circle: Circle = Circle.CLUSTER) -> Api:
        """A small client of one of the cluster's servers, as the holder of one of its own certificates."""
        pki = self.layout.pki
        authority, client = pki / f"{circle.value}.crt", pki / f"{certificate}.crt"
        return Api(self.record().ports[port], authority=authority, certificate=client)

    def client_certificate(self, user: str, groups: tuple[str, ...] = ()) -> KeyPair:
        """A certificate by which the API server takes its holder for `user`, a member of `groups`; good for a year.

        Raises ClusterError for a name that does not fit into a certificate (1 to 64 characters).
        """
        self.record()
        try:
            return Authority(self.layout.pki, Circle.CLUSTER).issue(Subject(user=user, groups=groups))
        except ValueError as problem:
            raise ClusterError(f"no certificate for {user!r}: names need 1 to 64 characters ({problem})") from None

    def kubeconfig_for(self, user: str, groups: tuple[str, ...] = ()) -> Path:
        """A new kubeconfig in the cluster's folder by which one acts as `user`, a member of `groups`."""
        client = self.client_certificate(user, groups)
        digest = hashlib.sha256("\0".join((user, *groups)).encode()).hexdigest()[:12]
        path = self.layout.users / f"{re.sub(r'[^A-Za-z0-9.-]', '-', user)}-{digest}.kubeconfig"
        authority = (self.layout.pki / f"{Circle.CLUSTER.value}.crt").read_bytes()
        write_kubeconfig(path, server=self.server, authority=authority, client=client)
        return path
