"""The API server's own limit: `python -m benchmarks.bare apply|again|delete COUNT KUBECONFIG` with 16 threads."""

import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.types import CascadeType

from benchmarks.measure import Stopwatch

_NAMESPACE = "bare"
_THREADS = 16
_MANAGER = "benchmark"
_PREFIX = "object-"
_PAUSE = 0.2
"""Seconds between two looks at what is left."""


def _apply(client: Client, name: str) -> None:
    data = {"name": name, "settings.json": json.dumps({"numbers": list(range(10))})}
    client.apply(ConfigMap(metadata=ObjectMeta(name=name, namespace=_NAMESPACE), data=data))


def _delete(client: Client, name: str) -> None:
    """In the foreground, as Pulumi's Kubernetes provider deletes: the cluster's garbage collector does the rest."""
    client.delete(ConfigMap, name, namespace=_NAMESPACE, cascade=CascadeType.FOREGROUND)


_ACTIONS: Mapping[str, Callable[[Client, str], None]] = {"apply": _apply, "again": _apply, "delete": _delete}


def measured(action: Callable[[Client, str], None], count: int, kubeconfig: str) -> Stopwatch:
    """Do the action to `count` objects at once."""
    client = Client(KubeConfig.from_file(kubeconfig), field_manager=_MANAGER)
    client.apply(Namespace(metadata=ObjectMeta(name=_NAMESPACE)))
    with ThreadPoolExecutor(_THREADS) as pool, Stopwatch() as watch:
        for done in [pool.submit(action, client, f"{_PREFIX}{index:05}") for index in range(count)]:
            done.result()
        while action is _delete and _left(client):
            sleep(_PAUSE)
    return watch


def _left(client: Client) -> bool:
    """Whether any object is still there."""
    found = client.list(ConfigMap, namespace=_NAMESPACE)
    return any(one.metadata and (one.metadata.name or "").startswith(_PREFIX) for one in found)


if __name__ == "__main__":
    measured(_ACTIONS[sys.argv[1]], int(sys.argv[2]), sys.argv[3]).report()
