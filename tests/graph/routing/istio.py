"""What Istio tells the proxies of random meshes, asked about many at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.graph.routing.placed import Pod
from tests.graph.routing.sending import Told
from tests.graph.routing.worlds import World
from tests.programs import answers


def ask(program: Path, worlds: Iterable[World]) -> list[Mapping[Pod, Told]]:
    """What the proxies of each mesh's clients and gateways are told.

    An error is a failure, for Istio takes all that is made.
    """
    worlds = tuple(worlds)
    found = answers([program, "routes"], map(_written, worlds))
    return [
        {
            pod: Told(one["listeners"], one["routes"], one["endpoints"], one["passing"])
            for pod, one in zip(_asked(world), answer["proxies"], strict=True)
        }
        for world, answer in zip(worlds, found, strict=True)
    ]


def _written(world: World) -> dict[str, Any]:
    return {
        "mesh": {"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY" if world.registry_only else "ALLOW_ANY"}},
        "kubernetes": world.kubernetes,
        "istio": world.istio,
        "pods": [
            {
                "name": pod.name,
                "namespace": pod.namespace,
                "address": pod.address,
                "labels": pod.labels,
                "gateway": pod in world.gates,
            }
            for pod in _asked(world)
        ],
    }


def _asked(world: World) -> tuple[Pod, ...]:
    return (*world.clients, *world.gates)
