"""Ports that take plain text beside mutual TLS, until a day."""

from dataclasses import dataclass

from tenantmesh.spec.labels import application
from tenantmesh.spec.mesh import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissiveSpec:
    """One service; `ports` are those that its pods listen on, `until` is the last day, as in 2027-03-31."""

    service: str
    ports: tuple[int, ...]
    until: str
    reason: str
    part: str = ""
    selector: Pairs = ()

    @property
    def pods(self) -> dict[str, str]:
        """The labels of the service's pods: the selector that was given, or what an App's pods have."""
        return dict(self.selector) or application(self.service)
