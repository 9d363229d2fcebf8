"""The layer agrees with Istio's own translation of random routes, read by an evaluator of what Envoy does with them."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from msgspec.structs import replace

from tenantmesh.graph.opening import Direction, Opening
from tenantmesh.graph.verdict import Answer
from tests.graph.routing import istio
from tests.graph.routing.ours import Ours, arrived, resolved
from tests.graph.routing.worlds import Question, question, world

WORLDS = 200
_CHUNK = 50
_QUESTIONS = 30
"""Questions asked of each world."""
_MOST_TOO_WIDE = 0.02
"""Of so many requests at most the layer may name somebody who does not get it; never may it leave somebody out."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, WORLDS, _CHUNK))
def test_nobody_gets_a_request_of_whom_the_routing_layer_does_not_know(first, translation):
    """30 requests in each of 200 meshes, of which Istio sends a good part to somebody."""
    worlds = {seed: world(Random(seed)) for seed in range(first, first + _CHUNK)}  # noqa: S311 -- reproducible, and no secret
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    for (seed, one), told in zip(worlds.items(), istio.ask(translation, worlds.values()), strict=True):
        random, ours = Random(f"{seed} flows"), Ours.of(one)  # noqa: S311 -- reproducible, and no secret
        for _ in range(_QUESTIONS):
            asked = question(random, one)
            right, found = arrived(one, told[asked.source], asked), resolved(ours, asked)
            seen["reached" if right else "refused"] += 1
            seen["too wide"] += found is not None and found > right
            if found is not None and not found >= right:
                wrong.append(f"seed {seed}: {asked}: istio sends it to {right}, resolved are {found}")
            wrong += [f"seed {seed}: {asked}: {one}" for one in _unknown(ours, asked, right)]
    assert wrong[:5] == []
    assert min(seen["reached"], seen["refused"]) > _CHUNK * _QUESTIONS / 5, seen
    assert seen["too wide"] < _CHUNK * _QUESTIONS * _MOST_TOO_WIDE, seen


def _unknown(ours: Ours, asked: Question, right: frozenset[str]) -> Iterator[str]:
    """Who gets it though a verdict or the openings say that nobody there does."""
    source = ours.source(asked)
    for end in sorted(right):
        address, _, port = end.partition(":")
        pod = ours.pods[address]
        verdict = ours.layer.verdict(source, pod, replace(asked.request, port=int(port)))
        if verdict.answer is Answer.DENIED:
            yield f"{end} gets it, and the verdict is that {verdict.reason}"
        if pod.namespace != source.namespace:
            ways = (
                (Direction.EGRESS, source.namespace, pod.namespace),
                (Direction.INGRESS, pod.namespace, source.namespace),
            )
            for way, place, other in ways:
                if not any(_lets(one, way, other, int(port)) for one in ours.layer.openings(place)):
                    yield f"{end} gets it, and {place} has no opening for {way} of {other}"


def _lets(opening: Opening, way: Direction, other: str, port: int) -> bool:
    fits = not opening.ports or any(first <= port <= last for first, last in opening.ports)
    return opening.direction is way and other in opening.peers and fits
