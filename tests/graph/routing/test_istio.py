"""The layer agrees with Istio's own translation of random routes, read by an evaluator of what Envoy does with them."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from msgspec.structs import replace

from tenantmesh.graph.flow import Endpoint, Outside, Request, Workload
from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Answer
from tests.graph.routing import istio
from tests.graph.routing.gates import gated, knock
from tests.graph.routing.ours import Ours, arrived, let_in, resolved, resolved_at
from tests.graph.routing.sending import is_listening
from tests.graph.routing.worlds import question, world

WORLDS = 200
_CHUNK = 50
_QUESTIONS = 30
"""Questions asked of each world."""
_MOST_TOO_WIDE = 0.04
"""Of so many requests at most the layer may name somebody who does not get it; never may it leave somebody out."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, WORLDS, _CHUNK))
def test_nobody_gets_a_request_of_whom_the_routing_layer_does_not_know(first, translation):
    """30 requests of pods in each of 200 meshes, of which Istio sends a good part to somebody."""
    compared = Compared()
    worlds = {seed: world(_seeded(seed)) for seed in range(first, first + _CHUNK)}
    for (seed, one), told in zip(worlds.items(), istio.ask(translation, worlds.values()), strict=True):
        random, ours = _seeded(f"{seed} questions"), Ours.of(one)
        for _ in range(_QUESTIONS):
            asked = question(random, one)
            right, source = arrived(one, told[asked.source], asked), ours.pod(asked.source)
            # Without a listener, the layer may take a host's route for there (docs/isolation-model.md).
            found = resolved(ours, asked) if is_listening(told[asked.source], asked.port) else None
            compared.take(f"seed {seed}: {asked}", right, found)
            compared.wrong += (f"seed {seed}: {asked}: {why}" for why in _denied(ours, source, asked.request, right))
            compared.wrong += (f"seed {seed}: {asked}: {why}" for why in _shut(ours, source, right))
    compared.settle(share=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, WORLDS, _CHUNK))
def test_nobody_gets_a_request_from_outside_of_whom_the_routing_layer_does_not_know(first, translation):
    """The same at the gateways of 200 meshes, where most is refused: a route has to be bound, and its host served."""
    compared = Compared()
    worlds = {seed: gated(_seeded(seed)) for seed in range(first, first + _CHUNK)}
    for (seed, one), told in zip(worlds.items(), istio.ask(translation, worlds.values()), strict=True):
        random, ours = _seeded(f"{seed} knocks"), Ours.of(one)
        for _ in range(_QUESTIONS):
            knocked = knock(random, one)
            right, gate = let_in(told[knocked.gate], knocked), ours.pod(knocked.gate)
            compared.take(f"seed {seed}: {knocked}", right, resolved_at(ours, knocked))
            for source in (Outside(), gate):
                denied = _denied(ours, source, knocked.request, right)
                compared.wrong += (f"seed {seed}: {knocked} from {source}: {why}" for why in denied)
            compared.wrong += (f"seed {seed}: {knocked}: {why}" for why in _shut(ours, gate, right))
    compared.settle(share=0.03)


class Compared:
    """What came of the questions of one test."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._seen: Counter[str] = Counter()

    def take(self, asked: str, right: frozenset[str], found: frozenset[str] | None) -> None:
        """Count an answer; it is wrong when somebody is left out. None can't be told."""
        self._seen["reached" if right else "refused"] += 1
        if found is not None:
            self._seen["too wide"] += found > right
            if not found >= right:
                self.wrong.append(f"{asked}: istio sends it to {right}, resolved are {found}")

    def settle(self, share: float) -> None:
        """Nothing was wrong, a `share` or more was reached and as much refused, and little was told too widely."""
        total = self._seen["reached"] + self._seen["refused"]
        assert self.wrong[:5] == []
        assert min(self._seen["reached"], self._seen["refused"]) >= total * share, self._seen
        assert self._seen["too wide"] < total * _MOST_TOO_WIDE, self._seen


def _seeded(seed: int | str) -> Random:
    return Random(seed)  # noqa: S311 -- reproducible, and no secret


def _denied(ours: Ours, source: Endpoint, request: Request, right: frozenset[str]) -> Iterator[str]:
    """Who gets it though the verdict is that nobody there does."""
    for end in sorted(right):
        address, _, port = end.partition(":")
        verdict = ours.layer.verdict(source, ours.pods[address], replace(request, port=int(port)))
        if verdict.answer is Answer.DENIED:
            yield f"{end} gets it, and the verdict is that {verdict.reason}"


def _shut(ours: Ours, source: Workload, right: frozenset[str]) -> Iterator[str]:
    """Who gets it in another namespace though no opening leads there from the source's, or in there."""
    for end in sorted(right):
        address, _, port = end.partition(":")
        here, there = source.namespace, ours.pods[address].namespace
        ways = ((Direction.EGRESS, here, there), (Direction.INGRESS, there, here)) if here != there else ()
        for way, place, other in ways:
            if not any(_lets(one, way, other, int(port)) for one in ours.openings[place]):
                yield f"{end} gets it, and {place} has no opening for {way} of {other}"


def _lets(opening: Opening, way: Direction, other: str, port: int) -> bool:
    fits = not opening.ports or any(first <= port <= last for first, last in opening.ports)
    return opening.direction is way and other in opening.peers and fits
