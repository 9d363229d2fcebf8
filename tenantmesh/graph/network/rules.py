"""Policies as they are reasoned about, whatever kind they are: whom they select, what they let through."""

from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from tenantmesh.graph.fits import Fit, certain, every
from tenantmesh.graph.flow import Request, Workload
from tenantmesh.graph.labels import EVERYTHING, Constraint, Selector
from tenantmesh.graph.nearby import together
from tenantmesh.graph.network.peers import ANYBODY, Peer, Reach, UnknownPeer, spaces
from tenantmesh.graph.network.surroundings import Flow, Surroundings
from tenantmesh.graph.opening import Direction
from tenantmesh.graph.ports import PortMatch
from tenantmesh.manifest import ManifestObject


class Action(StrEnum):
    """What a rule does with the traffic that it matches; `PASS` leaves it to the next tier."""

    ALLOW = "allows"
    DENY = "denies"
    PASS = "passes"  # noqa: S105 - an action of the policy API, no password


class Match(Struct, frozen=True):
    """How a rule fits a flow, and which part of the object decided; "" where it does not fit."""

    fit: Fit
    path: str


_NO_MATCH: Final = Match(Fit.NO, "")


class Asks(Protocol):
    """What a rule asks of a request beyond its port."""

    def fit(self, request: Request) -> Fit:
        """Whether `request` passes."""
        ...

    def example(self, request: Request) -> Request:
        """`request` made to pass."""
        ...


class Rule(NamedTuple):
    """One rule: traffic with one of `peers` (None is anybody) to one of `ports` (none is every one).

    `field` is what the list of peers is called at `path`; `unknown` is where and why it is not understood;
    `asks` is what it asks of the request besides.
    """

    path: str
    field: str
    peers: tuple[Peer, ...] | None
    ports: tuple[PortMatch, ...] = ()
    action: Action = Action.ALLOW
    unknown: tuple[str, str] | None = None
    asks: Asks | None = None

    def match(self, flow: Flow, around: Surroundings) -> Match:
        """How the rule fits `flow`."""
        if self.unknown:
            return Match(Fit.UNSURE, self.unknown[0])
        path, peer, port = self.path, Fit.YES, Fit.YES
        if self.peers is not None:
            peer, index = _first([one.fit(flow.peer, around) for one in self.peers])
            if peer is Fit.NO:
                return _NO_MATCH
            path = self._peer_path(index)
        if self.ports:
            port, _ = _first([one.fit(flow.request, flow.destination) for one in self.ports])
        asked = self.asks.fit(flow.request) if self.asks else Fit.YES
        fit = every((peer, port, asked))
        return _NO_MATCH if fit is Fit.NO else Match(fit, path)

    def removal(self, flow: Flow, around: Surroundings) -> list[str]:
        """What to take away so that it does not fit `flow`: some peers, or all of it.

        A list of peers that loses its last entry would mean anybody.
        """
        fitting = [index for index, one in enumerate(self.peers or ()) if one.fit(flow.peer, around) is not Fit.NO]
        if self.unknown or len(fitting) == len(self.peers or ()):
            return [self.path]
        return [self._peer_path(index) for index in fitting]

    def reaches(self, around: Surroundings) -> list[tuple[str, Reach]]:
        """Whom each of its peers stands for at most, with the peer's path."""
        if self.unknown or self.peers is None:
            return [(self.path, ANYBODY)]
        return [(self._peer_path(index), one.reach(around)) for index, one in enumerate(self.peers)]

    def spaces(self, around: Surroundings) -> frozenset[str] | None:
        """The namespaces of all pods that it is about; None where it may be about others or about more than pods."""
        return None if self.unknown or self.peers is None else together(spaces(one, around) for one in self.peers)

    def _peer_path(self, index: int) -> str:
        peer = self.peers[index] if self.peers else None
        return peer.path if isinstance(peer, UnknownPeer) else f"{self.path}.{self.field}[{index}]"

    @property
    def doubt(self) -> str:
        """Why it is not understood in full, "" when it is."""
        if self.unknown:
            return self.unknown[1]
        for peer in self.peers or ():
            if isinstance(peer, UnknownPeer):
                return peer.reason
        for port in self.ports:
            if port.unknown:
                return port.unknown
        return ""


class Side(NamedTuple):
    """One direction of a policy. `isolates`: what no rule of any policy allows is denied to the pods it selects.

    `node`: traffic of a pod's own node is let through nevertheless.
    """

    isolates: bool
    allow: tuple[Rule, ...] = ()
    deny: tuple[Rule, ...] = ()
    node: bool = True

    def spaces(self, around: Surroundings) -> frozenset[str] | None:
        """The namespaces of all pods that its rules are about; None where one may be about more."""
        return together(one.spaces(around) for one in (*self.deny, *self.allow))


class Policy(NamedTuple):
    """One policy on the pods that `pods` selects (in its namespace, or in those that `namespaces` selects)
    and whose service account `accounts` admits; `path` is where that is written.

    `unknown` is where and why it is not understood as a whole: then what it does is unsure.
    """

    object: ManifestObject
    pods: Selector = EVERYTHING
    ingress: Side | None = None
    egress: Side | None = None
    unknown: tuple[str, str] | None = None
    namespaces: Selector | None = None
    accounts: Constraint | None = None
    path: str = "spec.podSelector"

    def side(self, direction: Direction) -> Side | None:
        """What it says of one direction, None for nothing."""
        return self.ingress if direction is Direction.INGRESS else self.egress

    def rules(self, direction: Direction) -> tuple[Rule, ...]:
        """All its rules for one direction."""
        side = self.side(direction)
        return (*side.deny, *side.allow) if side else ()

    def concerns(self, namespace: str, around: Surroundings) -> Fit:
        """Whether it is about pods of `namespace`; one that is of a namespace is only asked about that."""
        return Fit.YES if self.namespaces is None else self.namespaces.fit(around.namespaces.labels(namespace))

    def selects(self, workload: Workload, around: Surroundings) -> Fit:
        """Whether it is about the pods of `workload`."""
        fit = self.pods.fit(workload.labels, workload.given)
        if fit is Fit.NO:
            return Fit.NO
        if self.accounts is not None or self.namespaces is not None:
            account = certain(holds=self.accounts is None or self.accounts.admits(workload.service_account))
            fit = every((fit, account, self.concerns(workload.namespace, around)))
        return Fit.UNSURE if self.unknown and fit is Fit.YES else fit


def _first(fits: list[Fit]) -> tuple[Fit, int]:
    """The best of `fits` and where it is."""
    for wanted in (Fit.YES, Fit.UNSURE):
        if wanted in fits:
            return wanted, fits.index(wanted)
    return Fit.NO, 0
