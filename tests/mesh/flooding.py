"""Requests at a constant rate from the lab's node or the host to a proxy of the lab, and what became of them."""

import json
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tenantmesh.lab import Lab
from tests.mesh.asking import Credential
from tests.mesh.driving import DOMAIN, Mesh

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to ask for, how often a second and for how long. Nothing is sent but to the address and port given."""

    connect: str
    path: str = "/"
    host: str = ""
    credential: Credential | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    rate: float = 50
    seconds: float = 5
    warmup: float = 1
    connections: int = 32
    timeout: float = 30
    expect: int = 200

    def command(self, lab: Lab, enter: tuple[str, ...] = ()) -> list[str]:
        """The command line of the load generator, within a network namespace where one is to be entered."""
        name = self.host or self.connect
        flags = {
            "url": f"{'https' if self.credential else 'http'}://{name}{self.path}",
            "connect": self.connect,
            "rate": self.rate,
            "duration": f"{self.seconds}s",
            "warmup": f"{self.warmup}s",
            "connections": self.connections,
            "timeout": f"{self.timeout}s",
            "expect": self.expect,
        }
        if self.credential:
            own = self.credential
            flags |= {"sni": self.host, "ca": own.ca, "cert": own.certificate, "key": own.key}
        sent = [f"-header={name}: {value}" for name, value in self.headers.items()]
        return [
            *enter,
            str(lab.layout.programs / "load"),
            *(f"-{name}={value}" for name, value in flags.items()),
            *sent,
        ]


@dataclass(frozen=True, slots=True)
class Sending:
    """A load that is under way."""

    process: "subprocess.Popen[bytes]"

    def ended(self) -> dict[str, Any]:
        """What the load generator says when it is through: see tools/mesh/load/summary.go."""
        told, problem = self.process.communicate(timeout=_PATIENCE)
        if self.process.returncode != 0:
            raise RuntimeError(f"the load generator failed: {problem.decode()}")
        return json.loads(told)


@contextmanager
def sending(lab: Lab, load: Load, *enter: str) -> Generator[Sending]:
    """A load while the block lasts, or for its own time if that is over sooner."""
    command = load.command(lab, enter)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield Sending(process)
    finally:
        process.kill()
        process.communicate()


def sent(lab: Lab, load: Load, *enter: str) -> dict[str, Any]:
    """What became of a load."""
    with sending(lab, load, *enter) as under_way:
        return under_way.ended()


def through_gateway(mesh: Mesh, tenant: str, **load: Any) -> Load:
    """Requests from outside to a tenant's host, as its client demo."""
    address = f"{mesh.lab.node_address}:{mesh.node_port(tenant, 'https')}"
    return Load(connect=address, host=f"{tenant}.{DOMAIN}", credential=mesh.credential(tenant), **load)
