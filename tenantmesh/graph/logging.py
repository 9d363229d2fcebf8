"""Which Telemetry objects only say what a proxy writes into its own log."""

from collections.abc import Mapping
from typing import Any

_OWN_LOG = "envoy"
"""Istio's built-in provider: the log that the mesh's own settings describe, on the proxy's standard output."""

_SPEC = frozenset({"accessLogging", "selector"})
_LOGGING = frozenset({"disabled", "filter", "match", "providers"})


def only_own_log(spec: Mapping[str, Any]) -> bool:
    """Whether a Telemetry says something of the proxies' own log and nothing else; an unknown field is something else.

    Source: https://istio.io/latest/docs/reference/config/telemetry/
    """
    logging = spec.get("accessLogging")
    return bool(logging) and spec.keys() <= _SPEC and all(_is_own(one) for one in logging)


def _is_own(logging: Mapping[str, Any]) -> bool:
    names = [provider.get("name") for provider in logging.get("providers") or ()]
    return logging.keys() <= _LOGGING and set(names) <= {_OWN_LOG}
