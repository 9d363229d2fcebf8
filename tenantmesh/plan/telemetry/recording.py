"""A tenant's recording rules: requests, errors, bytes, percentiles, edges of its graph, and how full its quota is."""

from collections.abc import Iterator
from typing import Any

from tenantmesh.spec.tenant import TenantSpec

PERCENTILES = {"p50": "0.5", "p90": "0.9", "p95": "0.95", "p99": "0.99"}
_REQUESTS = "envoy_http_downstream_rq"
_TIMES = "envoy_http_downstream_rq_time_bucket"
_BYTES = {"received_bytes": "rx", "sent_bytes": "tx"}
_TENANT = "tenant, point"
_POD = "tenant, namespace, app, pod, point"
_CLUSTER = r"outbound\\|[0-9]+\\|[^|]*\\|(.+)"

Rule = dict[str, Any]


def recording_rules(tenant: TenantSpec) -> dict[str, Any]:
    """The rules as a rule file of Prometheus, https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/

    Each reads only what was collected from the tenant's own namespaces.
    """
    window = f"{tenant.telemetry.window_minutes}m" if tenant.telemetry else ""
    rules = [
        *_totals(tenant),
        *_rates(tenant, window),
        *_pods(tenant, window),
        *_edges(tenant, window),
        *_quota(tenant),
    ]
    return {"groups": [{"name": f"tenantmesh-{tenant.name}", "rules": rules}]}


def _totals(tenant: TenantSpec) -> Iterator[Rule]:
    """Counted since the proxies that run now have started: for accounts, take `increase` of the raw counters."""
    one = _of(tenant)
    yield _rule("tenant:requests:total", f"sum by ({_TENANT}, response_code_class) ({_REQUESTS}{{{one}}})")
    yield _rule("tenant:errors:total", f"sum by ({_TENANT}) ({_failed(one)})")
    for name, direction in _BYTES.items():
        yield _rule(f"tenant:{name}:total", f"sum by ({_TENANT}) ({_bytes(one, direction)})")
    denied = f'envoy_http_rbac{{{one},authz_enforce_result="denied"}}'
    yield _rule("tenant:denied:total", f"sum by ({_TENANT}) ({denied})")


def _rates(tenant: TenantSpec, window: str) -> Iterator[Rule]:
    one = _of(tenant)
    counted = f"rate({_REQUESTS}{{{one}}}[{window}])"
    yield _rule("tenant:requests:rate", f"sum by ({_TENANT}, response_code_class) ({counted})")
    yield _rule("tenant:errors:ratio", _ratio(_TENANT, one, window))
    for name, direction in _BYTES.items():
        yield _rule(f"tenant:{name}:rate", f"sum by ({_TENANT}) (rate({_bytes(one, direction)}[{window}]))")
    yield from _percentiles("tenant", _TENANT, one, window)


def _pods(tenant: TenantSpec, window: str) -> Iterator[Rule]:
    one = _of(tenant)
    yield _rule("tenant_pod:requests:rate", f"sum by ({_POD}) (rate({_REQUESTS}{{{one}}}[{window}]))")
    yield _rule("tenant_pod:errors:ratio", _ratio(_POD, one, window))
    yield from _percentiles("tenant_pod", _POD, one, window)


def _edges(tenant: TenantSpec, window: str) -> Iterator[Rule]:
    """Who calls whom: the graph of the tenant's services."""
    sent = f'envoy_cluster_upstream_rq{{{_of(tenant)},response_code_class!="",cluster_name=~"outbound.+"}}'
    named = f'label_replace(rate({sent}[{window}]), "destination", "$1", "cluster_name", "{_CLUSTER}")'
    yield _rule(
        "tenant_edge:requests:rate", f"sum by (tenant, namespace, app, destination, response_code_class) ({named})"
    )


def _quota(tenant: TenantSpec) -> Iterator[Rule]:
    """By kube-state-metrics, https://github.com/kubernetes/kube-state-metrics (docs/metrics/policy/resourcequota)."""
    where = f'namespace=~"{"|".join(tenant.namespace_names)}"'

    def quota(what: str) -> str:
        return f'max by (namespace, resource) (kube_resourcequota{{{where},type="{what}"}})'

    used = _rule("tenant:quota_used:ratio", f"{quota('used')} / ({quota('hard')} > 0)")
    yield {**used, "labels": {"tenant": tenant.name}}


def _percentiles(level: str, by: str, one: str, window: str) -> Iterator[Rule]:
    """In milliseconds, as Envoy counts; of a bucket's whole width when requests are few."""
    buckets = f"sum by ({by}, le) (rate({_TIMES}{{{one}}}[{window}]))"
    for name, quantile in PERCENTILES.items():
        yield _rule(f"{level}:latency_ms:{name}", f"histogram_quantile({quantile}, {buckets})")


def _ratio(by: str, one: str, window: str) -> str:
    """The share of requests that the servers failed; nothing where there were none."""
    every = f"sum by ({by}) (rate({_REQUESTS}{{{one}}}[{window}]))"
    return f"sum by ({by}) (rate({_failed(one)}[{window}])) / ({every} > 0)"


def _of(tenant: TenantSpec) -> str:
    return f'tenant="{tenant.name}"'


def _failed(one: str) -> str:
    return f'{_REQUESTS}{{{one},response_code_class="5xx"}}'


def _bytes(one: str, direction: str) -> str:
    """Within TLS, with HTTP's own lines and headers; of connections that are not HTTP all that they carry."""
    return f'{{__name__=~"envoy_(http|tcp)_downstream_cx_{direction}_bytes_total",{one}}}'


def _rule(record: str, expression: str) -> Rule:
    return {"record": record, "expr": expression}
