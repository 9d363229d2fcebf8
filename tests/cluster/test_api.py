"""The client of a cluster's servers, against servers that are not there for long."""

import gc
import socket
import struct

import pytest

from tenantmesh.cluster.api import Api
from tenantmesh.cluster.pki import Authority, Circle, Subject
from tenantmesh.errors import ClusterError

AT_ONCE = struct.pack("ii", 1, 0)
"""How a connection lingers that is reset when it is closed."""


@pytest.fixture
def client(tmp_path):
    authority = Authority(tmp_path, Circle.ETCD)
    authority.keep("client", Subject(user="client"))

    def of(port):
        return Api(port, authority=authority.path, certificate=tmp_path / "client.crt")

    return of


def test_a_server_that_hangs_up_before_tls_leaves_no_socket(client, monkeypatch):
    """As one does that ends while it starts. Python would leave it open until garbage is collected, and warn."""
    connect = socket.create_connection
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset(*arguments, **options):
            connection = connect(*arguments, **options)
            accepted, _ = server.accept()
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            accepted.close()
            return connection

        monkeypatch.setattr(socket, "create_connection", reset)
        with pytest.raises(ClusterError, match="no answer"):
            client(server.getsockname()[1]).get("/health")
    gc.collect()
