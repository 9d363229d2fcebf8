"""The prover's verdicts over the objects of the running lab, and what the mesh does with the same questions."""

import http
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec.structs import replace

from tenantmesh.cli.live import Server
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.flow import Endpoint, Outside, Request, Workload
from tenantmesh.graph.identity import IdentityLayer
from tenantmesh.graph.network import NetworkLayer
from tenantmesh.graph.reading import read_cluster
from tenantmesh.graph.routing import RoutingLayer
from tenantmesh.graph.verdict import Answer, Layer, LayerVerdict
from tenantmesh.lab.namespaces import connect
from tests.mesh import asking
from tests.mesh.asking import Credential, RefusedError
from tests.mesh.bypassing import past
from tests.mesh.driving import Body, Mesh

_PARALLEL = 8
_TIMEOUT = 20.0
_PAUSES = (1, 2, 4, 8, 16, 32)


class Seen(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    BLOCKED = "blocked in the network"
    CUT = "the connection was ended"
    FORBIDDEN = "403"
    UNAUTHORIZED = "401"
    UNROUTED = "no route"
    ODD = "something else"


_STOPS = {
    Layer.NETWORK: {Seen.BLOCKED},
    Layer.IDENTITY: {Seen.CUT, Seen.FORBIDDEN, Seen.UNAUTHORIZED},
    Layer.ROUTING: {Seen.UNROUTED},
}
"""How it looks when a layer stops a question."""

_BY_GATEWAY = (301, 404)
"""What a gateway answers by itself whom it has let in: that it is elsewhere, or nowhere."""

_STATUS = {401: Seen.UNAUTHORIZED, 403: Seen.FORBIDDEN, 404: Seen.UNROUTED, 502: Seen.UNROUTED}
_BLOCKED = re.compile("delayed connect error: (113|No route to host)")
_CUT = re.compile("connection termination|reset before headers|TLS_error|CERTIFICATE")
"""What a caller's sidecar says of a connection that it could not have."""


class Way(StrEnum):
    """How a question leaves its pod."""

    BY_SIDECAR = "by its sidecar"
    PAST_SIDECAR = "past its sidecar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of both: who asks which pod for what.

    `source` is a pod, or the network of a host outside. It asks `address` on `number`, which leads to `request.port` of
    the destination, or of the gateway that it goes `through`. `headers` are sent besides the request's, which are all
    that the prover knows. With a `credential` it goes over TLS.
    """

    source: Body | Any
    destination: Body
    request: Request
    address: str
    number: int
    way: Way = Way.PAST_SIDECAR
    headers: dict[str, str] = field(default_factory=dict)
    through: Body | None = None
    credential: Credential | None = None

    def __str__(self) -> str:
        asked = self.request
        what = f"{asked.method or 'TCP'} {asked.host}{asked.path} {dict(asked.headers)} {asked.request_principal}"
        where = f"{_name(self.destination)}:{asked.port}"
        through = f"through {_name(self.through)} " if self.through else ""
        return f"{_name(self.source)} {self.way} {through}-> {where} ({self.address}:{self.number}) {what} {asked.sni}"


def _service(asked: Question) -> str:
    """The full name of the Service that has the name of the destination's application, as all have here."""
    metadata = asked.destination["metadata"]
    return f"{metadata['labels']['app']}.{metadata['namespace']}.svc.cluster.local"


def _name(end: Body | Any) -> str:
    if not isinstance(end, dict):
        return f"outside {end.address}"
    return f"{end['metadata']['namespace']}/{end['metadata']['name']}"


class Prover:
    """Its layers over everything that the lab's API server holds now."""

    def __init__(self, mesh: Mesh) -> None:
        live = read_cluster(Server(mesh.lab.layout.cluster.kubeconfig))
        self.cluster = Cluster(live.manifest, unread=live.unread)
        self.network = NetworkLayer(self.cluster)
        self.identity = IdentityLayer(self.cluster)
        self.routing = RoutingLayer(self.cluster)
        pods = (one for some in self.cluster.workloads.values() for one in some)
        self._pods = {address: one for one in pods for address in one.addresses}

    def pod(self, body: Body) -> Workload:
        """What the prover knows a pod as."""
        return self._pods[body["status"]["podIP"]]

    def verdicts(self, asked: Question) -> tuple[LayerVerdict, ...]:
        """Of the layers that a question has to get through, in the order in which it meets them."""
        source, destination, request = self._end(asked.source), self.pod(asked.destination), asked.request
        if asked.through:
            return self._through(source, self.pod(asked.through), destination, request)
        if asked.way is Way.BY_SIDECAR:
            layers = (self.routing, self.network, self.identity)
            request = replace(request, sni=self._sni(source, destination, asked))
        else:
            layers = (self.network, self.identity)
            request = replace(request, mtls=False)
        return tuple(one.verdict(source, destination, request) for one in layers)

    def _through(
        self, source: Endpoint, gateway: Workload, app: Workload, request: Request
    ) -> tuple[LayerVerdict, ...]:
        (port,) = app.ports
        onward = replace(request, port=port.number, sni="")
        return (
            self.network.verdict(source, gateway, request),
            self.identity.verdict(source, gateway, request),
            self.routing.verdict(gateway, app, onward),
            self.network.verdict(gateway, app, onward),
            self.identity.verdict(gateway, app, onward),
        )

    def _sni(self, source: Endpoint, destination: Workload, asked: Question) -> str:
        """What a sidecar says in the handshake, where there is one."""
        (found,) = self.identity.enforced.connections.between(source, destination, asked.request)
        return f"outbound_.{asked.number}_._.{_service(asked)}" if found.principal else ""

    def _end(self, source: Body | Any) -> Endpoint:
        return self.pod(source) if isinstance(source, dict) else Outside(address=source.address)


class Told(NamedTuple):
    """What became of a question, and what shows it."""

    seen: Seen
    trace: str


def ask(mesh: Mesh, asked: Question) -> Told:
    """Put it to the mesh."""
    request = asked.request
    headers = {**request.headers, **asked.headers}
    sent = asking.Request(
        path=request.path,
        method=request.method or "GET",
        host=request.host,
        headers=headers,
        sni=request.sni,
        ca=asked.credential.ca if asked.credential else None,
        credential=asked.credential,
        verdict=0,
    )
    try:
        answer = sent.send(_connecting(mesh, asked))
    except RefusedError as refused:
        return Told(_refusal(asked, refused), str(refused))
    return Told(_answer(asked, answer), f"{answer.status} {dict(answer.headers)} {answer.text[:200]}")


def _connecting(mesh: Mesh, asked: Question) -> Callable[[], socket.socket]:
    if not isinstance(asked.source, dict):
        namespace = asked.source.namespace
        return lambda: connect(namespace, asked.address, asked.number, timeout=_TIMEOUT)
    namespace = mesh.lab.namespace(asked.source)
    way = connect if asked.way is Way.BY_SIDECAR else past
    return lambda: way(namespace, asked.address, asked.number, timeout=_TIMEOUT)


def _refusal(asked: Question, refused: RefusedError) -> Seen:
    if asked.way is Way.BY_SIDECAR and asked.request.method and refused.reason == "closed":
        # The own sidecar has nothing on that port: of what happens behind it, it tells by a status.
        return Seen.UNROUTED
    if refused.reason == "closed" or "ALERT" in refused.reason:
        return Seen.CUT
    return Seen.BLOCKED if "No route to host" in str(refused) else Seen.ODD


def _answer(asked: Question, answer: asking.Answer) -> Seen:
    metadata = asked.destination["metadata"]
    if "x-standin-pod" in answer.headers:
        # All versions of an application are behind its Service.
        named = answer.headers["x-standin-pod"].startswith(metadata["labels"]["app"])
        return Seen.ANSWERED if named and answer.headers["x-standin-namespace"] == metadata["namespace"] else Seen.ODD
    if "istio" in metadata["labels"] and answer.status in _BY_GATEWAY:
        return Seen.ANSWERED
    if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE and _BLOCKED.search(answer.text):
        return Seen.BLOCKED
    if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE and _CUT.search(answer.text):
        return Seen.CUT
    if "www-authenticate" in answer.headers:
        return Seen.UNAUTHORIZED
    return _STATUS.get(answer.status, Seen.ODD)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was seen how often, and where the prover says something else."""

    seen: Counter[Seen]
    wrong: tuple[str, ...]


def compare(mesh: Mesh, prover: Prover, questions: Iterable[Question]) -> Compared:
    """Each question put to both; those with two answers again for a while, for proxies need a moment."""
    asked = list(questions)
    expected = [prover.verdicts(one) for one in asked]
    found = _asked(mesh, asked)
    for pause in _PAUSES:
        differing = [index for index, told in enumerate(found) if not _agree(told.seen, expected[index])]
        if not differing:
            break
        time.sleep(pause)
        for index, told in zip(differing, _asked(mesh, [asked[index] for index in differing]), strict=True):
            found[index] = told
    pairs = zip(asked, expected, found, strict=True)
    wrong = (_difference(*one) for one in pairs if not _agree(one[2].seen, one[1]))
    return Compared(Counter(one.seen for one in found), tuple(wrong))


def _asked(mesh: Mesh, asked: Sequence[Question]) -> list[Told]:
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return list(pool.map(lambda one: ask(mesh, one), asked))


def _agree(seen: Seen, verdicts: Sequence[LayerVerdict]) -> bool:
    """Whether the first layer that does not let it through is the one that is seen to stop it."""
    first = next((one for one in verdicts if one.answer is not Answer.ALLOWED), None)
    if first is None:
        return seen is Seen.ANSWERED
    return first.answer is Answer.DENIED and seen in _STOPS[first.layer]


def _difference(asked: Question, verdicts: Sequence[LayerVerdict], told: Told) -> str:
    reasons = "; ".join(f"{one.layer} {one.answer}: {one.reason}" for one in verdicts)
    return f"{asked}: {told.seen} ({told.trace}), but the prover says {reasons}"
