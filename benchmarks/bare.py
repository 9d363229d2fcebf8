"""The API server's own limit: `python -m benchmarks.bare apply|again|delete COUNT KUBECONFIG` with 16 threads."""

import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace

from benchmarks.measure import Stopwatch

_NAMESPACE = "bare"
_THREADS = 16
_MANAGER = "benchmark"


def _apply(client: Client, name: str) -> None:
    data = {"name": name, "settings.json": json.dumps({"numbers": list(range(10))})}
    client.apply(ConfigMap(metadata=ObjectMeta(name=name, namespace=_NAMESPACE), data=data))


def _delete(client: Client, name: str) -> None:
    client.delete(ConfigMap, name, namespace=_NAMESPACE)


_ACTIONS: Mapping[str, Callable[[Client, str], None]] = {"apply": _apply, "again": _apply, "delete": _delete}


def measured(action: Callable[[Client, str], None], count: int, kubeconfig: str) -> Stopwatch:
    """Do the action to `count` objects at once."""
    client = Client(KubeConfig.from_file(kubeconfig), field_manager=_MANAGER)
    client.apply(Namespace(metadata=ObjectMeta(name=_NAMESPACE)))
    with ThreadPoolExecutor(_THREADS) as pool, Stopwatch() as watch:
        for done in [pool.submit(action, client, f"object-{index:05}") for index in range(count)]:
            done.result()
    return watch


if __name__ == "__main__":
    measured(_ACTIONS[sys.argv[1]], int(sys.argv[2]), sys.argv[3]).report()
