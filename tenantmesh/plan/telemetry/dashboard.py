"""A tenant's dashboard for Grafana, over its recorded series alone.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from typing import Any

from tenantmesh.plan.telemetry.recording import PERCENTILES
from tenantmesh.spec.tenant import TenantSpec

_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 2
_SCHEMA = 39
_SERVED = 'point=~"ingress|workload"'


def dashboard(tenant: TenantSpec) -> dict[str, Any]:
    """The dashboard as JSON: requests, errors, percentiles, bytes, by pod, the edges of the graph, the quota."""
    one = f'tenant="{tenant.name}"'
    rows: list[tuple[str, str, dict[str, str]]] = [
        (
            "Requests by point and status",
            "reqps",
            {"{{point}} {{response_code_class}}": f"tenant:requests:rate{{{one}}}"},
        ),
        ("Failed requests", "percentunit", {"{{point}}": f"tenant:errors:ratio{{{one}}}"}),
        ("Latency at the ingress gateway", "ms", _latency(f'{one},point="ingress"')),
        ("Latency at the workloads", "ms", _latency(f'{one},point="workload"')),
        ("Bytes in", "Bps", {"{{point}}": f"tenant:received_bytes:rate{{{one}}}"}),
        ("Bytes out", "Bps", {"{{point}}": f"tenant:sent_bytes:rate{{{one}}}"}),
        ("Requests by pod", "reqps", {"{{namespace}}/{{pod}}": f"tenant_pod:requests:rate{{{one},{_SERVED}}}"}),
        ("p99 by pod", "ms", {"{{namespace}}/{{pod}}": f"tenant_pod:latency_ms:p99{{{one},{_SERVED}}}"}),
        (
            "Who calls whom",
            "reqps",
            {"{{app}} to {{destination}}": f"sum by (app, destination) (tenant_edge:requests:rate{{{one}}})"},
        ),
        ("Refused by policy", "short", {"{{point}}": f"tenant:denied:total{{{one}}}"}),
        ("Quota used", "percentunit", {"{{namespace}} {{resource}}": f"tenant:quota_used:ratio{{{one}}}"}),
    ]
    return {
        "editable": False,
        "panels": [_panel(index, *row) for index, row in enumerate(rows)],
        "refresh": "30s",
        "schemaVersion": _SCHEMA,
        "tags": ["tenantmesh", tenant.name],
        "templating": {
            "list": [{"label": "Data source", "name": "datasource", "query": "prometheus", "type": "datasource"}]
        },
        "time": {"from": "now-1h", "to": "now"},
        "title": f"Tenant {tenant.name}",
        "uid": f"tenantmesh-{tenant.name}"[:40],
    }


def _latency(selector: str) -> dict[str, str]:
    return {name: f"tenant:latency_ms:{name}{{{selector}}}" for name in PERCENTILES}


def _panel(index: int, title: str, unit: str, series: dict[str, str]) -> dict[str, Any]:
    row, column = divmod(index, _COLUMNS)
    targets = [
        {"datasource": _SOURCE, "expr": expression, "legendFormat": legend, "refId": chr(ord("A") + number)}
        for number, (legend, expression) in enumerate(series.items())
    ]
    return {
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "id": index + 1,
        "targets": targets,
        "title": title,
        "type": "timeseries",
    }
