"""Ports that a rule names: numbers, ranges, names of container ports, protocols."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import ContainerPort, Endpoint, Request, Workload

LAST: Final = 65535
"""The highest port number."""
PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
"""What the ports of Kubernetes can be of."""
EXAMPLE: Final = 8080
"""The port of a request that may go to any."""


class PortMatch(NamedTuple):
    """Some ports of one protocol ("" is any): `first` to `last`, both included, or the container port called `name`.

    `unknown` says what in it is not understood ("" when all is); such a match is unsure for every port.
    """

    protocol: str = ""
    first: int = 0
    last: int = LAST
    name: str = ""
    unknown: str = ""

    def fit(self, request: Request, destination: Endpoint) -> Fit:
        """Whether `request` goes to one of the ports. A name means what the containers of `destination` call so."""
        if self.unknown:
            return Fit.UNSURE
        if self.protocol and self.protocol != request.protocol:
            return Fit.NO
        if self.name:
            return Fit.YES if request.port in self._named(destination) else Fit.NO
        return Fit.YES if self.first <= request.port <= self.last else Fit.NO

    @property
    def every(self) -> bool:
        """Whether it can be any port of its protocol: a pod may call any port by a name."""
        return bool(self.name or self.unknown) or (self.first <= 1 and self.last >= LAST)

    def _named(self, destination: Endpoint) -> Iterable[int]:
        if not isinstance(destination, Workload):
            return ()
        protocols = (self.protocol,) if self.protocol else PROTOCOLS
        return [port.number for port in destination.ports if port.name == self.name and port.protocol in protocols]


def number(value: Any) -> int | None:
    """A port's number, None when `value` is none. Numbers may arrive as floats without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LAST:
        return None
    return int(value) if value == int(value) else None


def match(protocol: Any, port: Any = None, last: Any = None) -> PortMatch:
    """The match of a protocol, and of a port by number or name (None is every one), up to `last` when that is given."""
    try:
        return _match(protocol, port, last)
    except TypeError:  # what can't be hashed is no port
        return PortMatch(unknown=f"port {port!r}")


@lru_cache(maxsize=1 << 12, typed=True)
def _match(protocol: Any, port: Any, last: Any) -> PortMatch:
    if protocol not in PROTOCOLS and protocol:
        return PortMatch(unknown=f"protocol {protocol!r}")
    if port is None:
        return PortMatch(protocol) if last is None else PortMatch(unknown="a last port without a first")
    first = number(port)
    if first is not None:
        end = first if last is None else number(last)
        return (
            PortMatch(unknown=f"last port {last!r}") if end is None or end < first else PortMatch(protocol, first, end)
        )
    if isinstance(port, str) and last is None and any(letter.isalpha() for letter in port):
        return PortMatch(protocol, name=port)
    return PortMatch(unknown=f"port {port!r}")


def example(
    ports: Sequence[PortMatch], containers: Iterable[ContainerPort] = ()
) -> tuple[Request, ContainerPort | None]:
    """A request that one of `ports` (none is every one) lets through, and the port that its destination declares."""
    if not ports:
        return Request(port=EXAMPLE), None
    one = ports[0]
    protocol = one.protocol or "TCP"
    if one.name:
        known = (port for port in containers if port.name == one.name and port.protocol == protocol)
        port = next(known, ContainerPort(number=EXAMPLE, protocol=protocol, name=one.name))
        return Request(port=port.number, protocol=protocol), port
    reached = EXAMPLE if one.first <= EXAMPLE <= one.last else max(one.first, 1)
    return Request(port=reached, protocol=protocol), None


def first_port(pod: Workload) -> int:
    """The first port that a pod names; an example where it names none."""
    return pod.ports[0].number if pod.ports else EXAMPLE
