"""Which Telemetry objects only say what a proxy reports: in its own log, and in spans to a collector of the mesh."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tenantmesh.graph.mesh import MeshSettings

TENANT = "tenant"
"""The attribute of a span by which readers of traces tell tenants apart."""

_OWN_LOG = "envoy"
"""Istio's built-in provider: the log that the mesh's own settings describe, on the proxy's standard output."""

_LOGGING = frozenset({"disabled", "filter", "match", "providers"})
_TRACING = frozenset(
    {
        "customTags",
        "disableContextPropagation",
        "disableSpanReporting",
        "enableIstioTags",
        "match",
        "providers",
        "randomSamplingPercentage",
        "useRequestIdForTraceSampling",
    }
)
# What a formatter may read: the request and its answer, and nothing of the proxy's own surroundings.
_COMMANDS = re.compile(r"(?:[^%]|%(?:PATH|REQ|RESP)\([^%()]*\)%|%(?:PROTOCOL|RESPONSE_CODE)%)*")


def only_reports(spec: Mapping[str, Any], names: frozenset[str], mesh: MeshSettings) -> bool:
    """Whether a Telemetry says what proxies report and nothing else; an unknown field is something else.

    `names` are what its namespace is called: a span that is said to be another tenant's is no mere report.
    Source: https://istio.io/latest/docs/reference/config/telemetry/
    """
    logging, tracing = spec.get("accessLogging"), spec.get("tracing")
    known = spec.keys() <= {"accessLogging", "selector", "tracing"} and bool(logging or tracing)
    return (
        known
        and all(_is_own(one) for one in logging or ())
        and all(_is_traced(one, names, mesh) for one in tracing or ())
    )


def _is_own(logging: Mapping[str, Any]) -> bool:
    return logging.keys() <= _LOGGING and set(_providers(logging)) <= {_OWN_LOG}


def _is_traced(tracing: Mapping[str, Any], names: frozenset[str], mesh: MeshSettings) -> bool:
    """To providers that the mesh names, or to nobody; without a provider it is for others to say where to."""
    providers = _providers(tracing)
    known = mesh.assumed or set(providers) <= set(mesh.providers)
    somewhere = bool(providers) or tracing.get("disableSpanReporting") is True
    tags: Mapping[str, Any] = tracing.get("customTags") or {}
    told = all(_is_harmless(name, tag, names) for name, tag in tags.items())
    return tracing.keys() <= _TRACING and known and somewhere and told


def _is_harmless(name: str, tag: Mapping[str, Any], names: frozenset[str]) -> bool:
    kinds = sorted(tag)
    if name == TENANT:
        return kinds == ["literal"] and _value(tag["literal"]) in names
    if kinds == ["formatter"]:
        return _COMMANDS.fullmatch(_value(tag["formatter"])) is not None
    return kinds in (["header"], ["literal"])


def _value(said: Mapping[str, Any] | None) -> str:
    return str((said or {}).get("value", ""))


def _providers(said: Mapping[str, Any]) -> Sequence[Any]:
    return [provider.get("name") for provider in said.get("providers") or ()]
