"""Whether a container is ready, by the readiness probe that its pod declares."""

import http.client
import socket
from typing import Any

from msgspec import Struct

from tenantmesh.errors import LabError
from tenantmesh.lab.namespaces import connect

_REFUSED = 400


class Probe(Struct, frozen=True, kw_only=True):
    """A readiness probe of a container in the pod that has `address`, sent from the node as a kubelet does."""

    node: str
    """The node's network namespace; "" for the host's own."""
    address: str
    body: dict[str, Any]
    ports: dict[str, int]

    @staticmethod
    def of(container: dict[str, Any], node: str, address: str) -> "Probe | None":
        """The container's probe, None if it has none."""
        body = container.get("readinessProbe")
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", []) if "name" in port}
        return Probe(node=node, address=address, body=body, ports=ports) if body else None

    def holds(self) -> bool:
        """Whether the probe succeeds now. Probes that run a command in the container always do: there is no image."""
        try:
            if "httpGet" in self.body:
                return self._answers(self.body["httpGet"])
            if "tcpSocket" in self.body:
                self._connect(self.body["tcpSocket"]["port"]).close()
        except (OSError, http.client.HTTPException, LabError):
            return False
        return True

    def _answers(self, request: dict[str, Any]) -> bool:
        connection = http.client.HTTPConnection(self.address)
        connection.sock = self._connect(request["port"])
        try:
            headers = {one["name"]: one["value"] for one in request.get("httpHeaders", [])}
            connection.request("GET", request.get("path", "/"), headers=headers)
            return connection.getresponse().status < _REFUSED
        finally:
            connection.close()

    def _connect(self, port: int | str) -> socket.socket:
        number = self.ports[port] if isinstance(port, str) else port
        timeout = self.body.get("timeoutSeconds", 1)
        if not self.node:
            return socket.create_connection((self.address, number), timeout)
        return connect(self.node, self.address, number, timeout=timeout)
