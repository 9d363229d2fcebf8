"""The part of a live object that its inputs speak of, which is what a change is measured against."""

from typing import Any

from tenantmesh.engine.providers.kubernetes.bodies import Body


def prune(live: Body, shape: Body) -> Body:
    """`live` without the keys that `shape` does not have; lists are cut to the shorter length."""
    return {key: _prune(value, shape[key]) for key, value in live.items() if key in shape}


def _prune(live: Any, shape: Any) -> Any:
    if isinstance(live, dict) and isinstance(shape, dict):
        return prune(live, shape)
    if isinstance(live, list) and isinstance(shape, list):
        return [_prune(one, other) for one, other in zip(live, shape, strict=False)]
    return live
