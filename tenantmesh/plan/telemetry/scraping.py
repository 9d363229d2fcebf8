"""What proxies count, and how Prometheus collects it: each number with its tenant, by the namespace it comes from.

These are Envoy's own statistics, which every Envoy has. Istio's (`istio_requests_total` and its kin) come from a filter
in Istio's build of Envoy; where they are there, they are collected too, with the same labels.
"""

import json
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.ports import METRICS
from tenantmesh.spec import labels
from tenantmesh.spec.names import SEPARATOR

SCRAPE_KEY = "scrape.yaml"
_NAME = "tenantmesh-scrape"
_SAMPLES = 50_000
"""A proxy that has more is not collected, so that no tenant fills the server."""

# Istio leaves these out unless asked: https://istio.io/latest/docs/ops/configuration/telemetry/envoy-stats/
_KEPT = (
    r"http\.(in|out)bound_.*\.downstream_rq_([1-5]xx|time)",
    r"http\.(in|out)bound_.*\.downstream_cx_(rx|tx)_bytes_total",
    r"tcp\.(in|out)bound\|.*\.downstream_cx_(total|rx_bytes_total|tx_bytes_total)",
    r"cluster\.outbound\|.*;\.upstream_rq_[1-5]xx",
)
_COLLECTED = (
    "envoy_http_downstream_rq",
    "envoy_http_downstream_rq_time_(bucket|count|sum)",
    "envoy_http_downstream_cx_(rx|tx)_bytes_total",
    "envoy_http_rbac",
    "envoy_tcp_downstream_cx_(total|rx_bytes_total|tx_bytes_total)",
    "envoy_cluster_upstream_rq",
    "envoy_server_days_until_first_cert_expiring",
    "istio_.+",
)
_META = "__meta_kubernetes_"


def statistics() -> dict[str, Any]:
    """The part of a proxy's configuration that has it keep what the rules count."""
    return {"proxyStatsMatcher": {"inclusionRegexps": list(_KEPT)}}


def scrape_config() -> dict[str, Any]:
    """The scrape job for all proxies of all tenants.

    `tenant` is what the pod's namespace begins with, which only the API server says; labels of a proxy's own statistics
    do not replace it (honor_labels). `point` is where a request was counted: at the ingress or egress gateway, at the
    workload that serves it, or at the client that sends it.
    """
    return {
        "job_name": "tenantmesh-proxies",
        "honor_labels": False,
        "kubernetes_sd_configs": [{"role": "pod"}],
        "metric_relabel_configs": _metric_rules(),
        "metrics_path": "/stats/prometheus",
        "relabel_configs": _target_rules(),
        "sample_limit": _SAMPLES,
    }


def plan_scraping(namespace: str) -> list[Body]:
    """The ConfigMap with the scrape job, as a file for Prometheus' `scrape_config_files`; none without a namespace."""
    if not namespace:
        return []
    meta = {"name": _NAME, "namespace": namespace, "labels": _managed()}
    data = {SCRAPE_KEY: json.dumps({"scrape_configs": [scrape_config()]}, indent=1) + "\n"}
    return [{"apiVersion": "v1", "data": data, "kind": "ConfigMap", "metadata": meta}]


def _managed() -> dict[str, str]:
    return {labels.COMPONENT: "telemetry", labels.MANAGED_BY: labels.MANAGER}


def _target_rules() -> list[dict[str, Any]]:
    component = _label(labels.COMPONENT)
    return [
        {"action": "keep", "regex": str(METRICS[1]), "source_labels": [f"{_META}pod_container_port_number"]},
        {"regex": f"(.+?)({SEPARATOR}.*)?", "source_labels": [f"{_META}namespace"], "target_label": "tenant"},
        {"source_labels": [f"{_META}namespace"], "target_label": "namespace"},
        {"source_labels": [f"{_META}pod_name"], "target_label": "pod"},
        {"source_labels": [_label(labels.NAME)], "target_label": "app"},
        {"replacement": "workload", "target_label": "point"},
        {"regex": "(ingress|egress)", "source_labels": [component], "target_label": "point"},
    ]


def _metric_rules() -> list[dict[str, Any]]:
    outbound = {
        "http_conn_manager_prefix": "outbound_.+",
        "cluster_name": r"outbound\|.+",
        "tcp_prefix": r"outbound\|.+",
    }
    return [
        {"action": "keep", "regex": "|".join(_COLLECTED), "source_labels": ["__name__"]},
        *(
            {"regex": f"workload;{what}", "replacement": "client", "source_labels": ["point", label]}
            | {"target_label": "point"}
            for label, what in outbound.items()
        ),
    ]


def _label(name: str) -> str:
    """How Prometheus calls a label of a pod."""
    plain = "".join(mark if mark.isalnum() else "_" for mark in name)
    return f"{_META}pod_label_{plain}"
