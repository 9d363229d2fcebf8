"""What proxies are told and how long istiod takes, by the number of tenants: with their Sidecars' scope and without."""

import os
import statistics
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, fields, replace

from benchmarks.measure import Plan
from benchmarks.mesh.stage import NO_TOKENS, TOKENS
from benchmarks.table import Table, milliseconds, size, times
from tests.conftest import LAB
from tests.mesh.asking import RefusedError
from tests.mesh.crowd import Crowd, names, objects
from tests.mesh.driving import Body, Mesh

SIZES = (10, 50, 200)
_ROOT = "istio-system"
_ATTEMPTS = 6
_BYTES = r"^cluster\.xds-grpc;?\.upstream_cx_rx_bytes_total$"
_GENERATING = "pilot_xds_push_time_sum"
_PREPARING = "pilot_pushcontext_init_seconds_sum"
_WAITING = "pilot_proxy_convergence_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What one change cost: bytes that a sidecar and a gateway got, seconds of istiod in all and until a proxy knew."""

    sidecar: float
    gateway: float
    generating: float
    preparing: float
    waiting: float

    @classmethod
    def median(cls, found: Sequence["Push"]) -> "Push":
        """The median of each figure by itself."""
        return cls(**{one.name: statistics.median(getattr(run, one.name) for run in found) for one in fields(cls)})


def scope(mesh: Mesh, plan: Plan) -> list[Table]:
    """A push of everything to all proxies of two tenants, with ever more tenants beside them."""
    found: dict[tuple[str, int], Push] = {}
    more: dict[tuple[str, int], Push] = {}
    with _others(mesh) as others:
        for count in plan.sizes or SIZES:
            others.grow(count)
            for name, change in (("scoped", nullcontext()), ("open", mesh.changed(*_open()))):
                with change:
                    found[name, count] = Push.median(
                        [_half(_pushed(mesh, lambda: _touch(mesh))) for _ in range(plan.runs)]
                    )
                    more[name, count] = _pushed(mesh, lambda: _change(others))
    return [_table(found, more)]


@contextmanager
def _others(mesh: Mesh) -> Generator[Crowd]:
    """A lab that ends takes them with it; from one that is kept they are removed, which takes a while."""
    found = Crowd(mesh=mesh)
    try:
        yield found
    finally:
        if LAB in os.environ:
            found.leave()


def _open() -> list[Body]:
    """The Sidecars of both tenants, asking for everything."""
    spec = {"egress": [{"hosts": ["*/*"]}], "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}}
    return [_made("networking.istio.io/v1", "Sidecar", tenant, "default", spec) for tenant in (TOKENS, NO_TOKENS)]


def _touch(mesh: Mesh) -> None:
    """Something comes and goes that may concern every proxy and changes nothing: all is sent anew, twice."""
    match = {"cluster": {"name": "there-is-none"}}
    patch = {"applyTo": "CLUSTER", "match": match, "patch": {"operation": "REMOVE"}}
    with mesh.applied(_made("networking.istio.io/v1alpha3", "EnvoyFilter", _ROOT, "touch", {"configPatches": [patch]})):
        pass


def _change(others: Crowd) -> None:
    """Another tenant's Service and route are changed, and changed back: twice in all."""
    bodies = [others.change(body) for body in objects(names(1)[0])]
    service = next(body for body in bodies if body["kind"] == "Service")
    route = next(body for body in bodies if body["kind"] == "VirtualService")
    port = {"name": "added", "port": 9999}
    with_port = {**service, "spec": {**service["spec"], "ports": [*service["spec"]["ports"], port]}}
    renamed = {**route, "spec": {**route["spec"], "hosts": [f"added.{host}" for host in route["spec"]["hosts"]]}}
    for both in ((with_port, renamed), (service, route)):
        others.apply(both)
        others.mesh.settle()


def _made(version: str, kind: str, namespace: str, name: str, spec: Body) -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _pushed(mesh: Mesh, change: Callable[[], None]) -> Push:
    metrics = (_GENERATING, _PREPARING, f"{_WAITING}_sum", f"{_WAITING}_count")
    proxies = _proxies(mesh)
    before, got = {name: mesh.metric(name) for name in metrics}, _received(mesh, proxies)
    change()
    after = {name: mesh.metric(name) - before[name] for name in metrics}
    waited = after[f"{_WAITING}_count"]
    added = {role: found - got[role] for role, found in _received(mesh, proxies).items()}
    return Push(
        sidecar=added["sidecar"],
        gateway=added["gateway"],
        generating=after[_GENERATING],
        preparing=after[_PREPARING],
        waiting=after[f"{_WAITING}_sum"] / waited if waited else 0,
    )


def _proxies(mesh: Mesh) -> dict[str, list[Body]]:
    """The pods of both tenants, by what their proxies are."""
    gateways = [mesh.gateway(tenant) for tenant in (TOKENS, NO_TOKENS)]
    pods = [pod for tenant in (TOKENS, NO_TOKENS) for pod in mesh.lab.pods(tenant)]
    return {"gateway": gateways, "sidecar": [pod for pod in pods if _has_sidecar(pod)]}


def _has_sidecar(pod: Body) -> bool:
    return "istio-proxy" in {one["name"] for one in pod["spec"].get("initContainers", [])}


def _received(mesh: Mesh, proxies: Mapping[str, Sequence[Body]]) -> dict[str, float]:
    """The bytes of configuration that a proxy of each kind has got so far, on average."""
    return {role: statistics.mean(_got(mesh, pod) for pod in pods) for role, pods in proxies.items()}


def _got(mesh: Mesh, pod: Body) -> int:
    """An Envoy that is taking in megabytes may be too busy to say."""
    for _ in range(_ATTEMPTS):
        with suppress(RefusedError):
            return sum(mesh.stats(pod, _BYTES).values())
    raise RuntimeError(f"the proxy of {pod['metadata']['name']} does not answer")


def _half(push: Push) -> Push:
    """Of two alike."""
    halves = {name: getattr(push, name) / 2 for name in ("sidecar", "gateway", "generating", "preparing")}
    return replace(push, **halves)


def _table(found: Mapping[tuple[str, int], Push], more: Mapping[tuple[str, int], Push]) -> Table:
    smallest = min(count for _, count in found)

    def row(name: str, count: int) -> list[str]:
        push, changed = found[name, count], more[name, count]
        growth = times(push.sidecar / found[name, smallest].sidecar)
        spent = [milliseconds(push.preparing), milliseconds(push.generating), milliseconds(push.waiting)]
        told = [size(push.sidecar), growth, size(push.gateway), *spent]
        return [name, f"{count:,}", *told, size(changed.sidecar), size(changed.gateway)]

    return Table(
        title="What proxies are told",
        note=(
            "A push of everything to the proxies of two tenants with bookinfo, by the number of other tenants whose "
            "Services and routes are exported to everybody: bytes that a proxy gets, istiod's time to prepare and to "
            "generate for all proxies, and from the change until a proxy was told. Open: with Sidecars that ask for "
            "everything. Another's change: bytes when another tenant changes a Service and a route, and again."
        ),
        headings=[
            *("Sidecars", "tenants", "a sidecar", "growth", "a gateway", "preparing", "generating", "until told"),
            *("another's change: a sidecar", "a gateway"),
        ],
        rows=[row(*key) for key in sorted(found, key=lambda key: (key[0] != "scoped", key[1]))],
    )
