"""The layer agrees with Istio's own translation of random policies, read by an evaluator of Envoy's filters."""

from random import Random

import pytest
from msgspec.structs import replace

from tenantmesh.graph.verdict import Answer
from tests.graph.identity import istio
from tests.graph.identity.generator import requests, sources, world
from tests.graph.identity.ours import asked, layer, proxied

WORLDS = 3_000
_CHUNK = 500
_QUESTIONS = 20
"""Questions asked of each world."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, WORLDS, _CHUNK))
def test_istios_own_translation_agrees_with_the_identity_layer(first, translation):
    """20 flows in each of 3,000 meshes: what the proxy is told to do is what the layer says."""
    wrong: list[str] = []
    answers = {True: 0, False: 0}
    worlds = {seed: world(Random(seed)) for seed in range(first, first + _CHUNK)}  # noqa: S311 -- reproducible, and no secret
    told = istio.ask(translation, [asked(one) for one in worlds.values()])
    for (seed, one), filters in zip(worlds.items(), told, strict=True):
        random, ours = Random(f"{seed} flows"), layer(one)  # noqa: S311 -- reproducible, and no secret
        for _ in range(_QUESTIONS):
            source, request = sources(random), replace(requests(random), mtls=True)
            found = ours.verdict(source, one.destination, request)
            right = proxied(one, filters, source, request)
            answers[right] += 1
            if (found.answer is Answer.ALLOWED) != right or found.answer is Answer.UNPROVEN:
                wrong.append(f"seed {seed}: {source!r} {request!r}: istio {right}, ours {found.answer} {found.reason}")
    assert wrong[:5] == []
    assert min(answers.values()) > _CHUNK, answers
