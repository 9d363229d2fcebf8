"""Installing CustomResourceDefinitions and waiting until the API server serves their kinds."""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from tenantmesh.cluster.api import Api

_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ORIGIN = "tenantmesh.dev/origin"
_PARALLEL = 4


def install_crds(api: Api, crds: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Apply those that are absent or come from another version, and give the names of all.

    What somebody else changed in one of the right version stays as it is.
    """
    wanted = {crd["metadata"]["name"]: crd for crd in crds}
    present = {crd["metadata"]["name"]: _origin(crd) for crd in api.get(_PATH)["items"]}
    outdated = [crd for name, crd in wanted.items() if present.get(name) != _origin(crd)]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        list(pool.map(partial(_apply, api), outdated))
    return tuple(wanted)


def _apply(api: Api, crd: dict[str, Any]) -> None:
    api.apply(f"{_PATH}/{crd['metadata']['name']}", crd)


def are_established(api: Api, names: Collection[str]) -> bool:
    """Whether every one of these is served."""
    served = {crd["metadata"]["name"] for crd in api.get(_PATH)["items"] if _is_established(crd)}
    return served.issuperset(names)


def _origin(crd: dict[str, Any]) -> str:
    return crd["metadata"].get("annotations", {}).get(_ORIGIN, "")


def _is_established(crd: dict[str, Any]) -> bool:
    conditions = crd.get("status", {}).get("conditions") or []
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)
