"""Where the time of a gateway and a sidecar goes: each part of what they are told is switched off by itself."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.measure import Plan
from benchmarks.mesh.latency import BOTH, MINIMAL_BOTH, Latency, Way, at_rate, ways
from benchmarks.mesh.stage import TOKENS, Stage
from benchmarks.table import Table
from tests.mesh.driving import Body

RATE = 1000
_WHOLE, _LEAST, _TOGETHER = "all of it", "hand-written", "without any but the checks"
_MANAGER = "envoy.filters.network.http_connection_manager"
_TYPE = f"type.googleapis.com/{_MANAGER.replace('envoy.filters', 'envoy.extensions.filters')}"
_CONTEXTS = ("GATEWAY", "SIDECAR_INBOUND")


def parts() -> dict[str, list[Body]]:
    """The objects that switch a part off in all proxies of the tenant, by what it is."""
    unasked = ("grpc_stats", "fault", "cors")
    log: Body = {"accessLogging": [{"disabled": True, "providers": [{"name": "envoy"}]}]}
    tracing: Body = {"tracing": [{"disableSpanReporting": True}]}
    off = {
        "without the access log": [_telemetry(log)],
        "without tracing's decisions": [_telemetry(tracing)],
        "without filters that nothing asks for": [_patches("unasked", _removals(unasked))],
        "without ids and headers of the mesh": [_patches("headers", _bare_manager())],
    }
    together = [_telemetry(log | tracing), _patches("together", [*_removals(unasked), *_bare_manager()])]
    return {
        **off,
        _TOGETHER: together,
        "without authorization": [_patches("rbac", _removals(("rbac",)))],
        "without tokens and authorization": [_patches("checks", _removals(("rbac", "jwt_authn")))],
    }


def _telemetry(spec: Body) -> Body:
    return _made("telemetry.istio.io/v1", "Telemetry", "switched-off", spec)


def _patches(name: str, patches: Sequence[Body]) -> Body:
    return _made("networking.istio.io/v1alpha3", "EnvoyFilter", name, {"configPatches": list(patches)})


def _made(version: str, kind: str, name: str, spec: Body) -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": TOKENS}, "spec": spec}


def _removals(names: Sequence[str]) -> list[Body]:
    return [
        _patch("HTTP_FILTER", context, {"operation": "REMOVE"}, {"subFilter": {"name": f"envoy.filters.http.{name}"}})
        for name in names
        for context in _CONTEXTS
    ]


def _bare_manager() -> list[Body]:
    """No request ids, and nothing told of clients' certificates, of the server or in a spelling of its own."""
    settings = {
        "@type": f"{_TYPE}.v3.HttpConnectionManager",
        "generate_request_id": False,
        "forward_client_cert_details": "FORWARD_ONLY",
        "server_header_transformation": "PASS_THROUGH",
        "normalize_path": False,
    }
    merged = {"operation": "MERGE", "value": {"name": _MANAGER, "typed_config": settings}}
    return [_patch("NETWORK_FILTER", context, merged, {}) for context in _CONTEXTS]


def _patch(to: str, context: str, patch: Body, within: Mapping[str, Any]) -> Body:
    place = {"filterChain": {"filter": {"name": _MANAGER, **within}}}
    return {"applyTo": to, "match": {"context": context, "listener": place}, "patch": patch}


def switched_off(stage: Stage, plan: Plan) -> list[Table]:
    """The gateway and the sidecar with everything, without each part, and the hand-written ones."""
    with ways(stage) as found:
        work: dict[str, Callable[[], Latency]] = {
            _WHOLE: _measured(stage, found[BOTH], [], plan),
            **{name: _measured(stage, found[BOTH], bodies, plan) for name, bodies in parts().items()},
            _LEAST: _measured(stage, found[MINIMAL_BOTH], [], plan),
        }
        runs = plan.gathered(work)
    return [_table(runs)]


def _measured(stage: Stage, way: Way, bodies: Sequence[Body], plan: Plan) -> Callable[[], Latency]:
    def measure() -> Latency:
        with stage.mesh.applied(*bodies):
            return way.measured(stage, RATE, plan.seconds)

    return measure


def _table(runs: Mapping[str, Sequence[Latency]]) -> Table:
    def difference(name: str, figure: str) -> float:
        """The median of the differences to all of it, within each run."""
        pairs = zip(runs[name], runs[_WHOLE], strict=True)
        return statistics.median(getattr(here, figure) - getattr(whole, figure) for here, whole in pairs)

    def row(name: str) -> list[str]:
        here = Latency.median(runs[name])
        differences = [f"{difference(name, 'p50'):+.3f}", f"{difference(name, 'cpu'):+.0f} µs"]
        figures = [f"{here.p50:.3f}", f"{here.p95:.2f}", f"{here.cpu:.0f} µs", *differences]
        return [name, at_rate(RATE, here), *figures, f"{here.failed:.0f}"]

    return Table(
        title="Where the time goes",
        note=(
            "Gateway (mTLS, JWT) and sidecar with parts switched off in both, beside two hand-written Envoys; "
            "milliseconds, at a rate of requests a second. Differences are medians of those within each run."
        ),
        headings=["told", "rate", "p50", "p95", "CPU a request", "p50, difference", "CPU, difference", "failed"],
        rows=[row(name) for name in runs],
    )
