"""Clusters that a filter of a gateway asks by itself: the tenant's own Services, by mutual TLS as any workloads do.

istiod gives a gateway the clusters that its routes lead to; what only a filter needs has to be added.
https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tenantmesh.plan.kinds import networking

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

HTTP2: Mapping[str, Any] = {
    "typed_extension_protocol_options": {
        _HTTP: {
            "@type": f"type.googleapis.com/{_HTTP}",
            "explicit_http_config": {"http2_protocol_options": {}},
        }
    }
}
"""The fields of a cluster that is asked by HTTP/2, as gRPC is."""


class Upstream(Struct, frozen=True, kw_only=True):
    """A Service and the workload that answers there; `tls` and `fields` are what the cluster has besides.

    `sni` is the name that the workload is asked for, "" the Service's own.
    """

    name: str
    host: str
    port: int
    principal: str
    sni: str = ""
    tls: Mapping[str, Any] = field(default_factory=dict[str, Any])
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])


def added_cluster(upstream: Upstream) -> networking.EnvoyFilterConfigPatches:
    """The patch that adds it."""
    address = {"address": upstream.host, "port_value": upstream.port}
    endpoint = {"endpoint": {"address": {"socket_address": address}}}
    value: dict[str, Any] = {
        "connect_timeout": "5s",
        "dns_lookup_family": "V4_PREFERRED",
        "load_assignment": {"cluster_name": upstream.name, "endpoints": [{"lb_endpoints": [endpoint]}]},
        "name": upstream.name,
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": _TLS,
                "common_tls_context": _mutual(upstream),
                "sni": upstream.sni or upstream.host,
            },
        },
        "type": "STRICT_DNS",
        **upstream.fields,
    }
    return {"applyTo": "CLUSTER", "match": {"context": "GATEWAY"}, "patch": {"operation": "ADD", "value": value}}


def _mutual(upstream: Upstream) -> dict[str, Any]:
    """With the gateway's own certificate, and for the one workload that is meant."""
    name = {"matcher": {"exact": f"spiffe://{upstream.principal}"}, "san_type": "URI"}
    return {
        **upstream.tls,
        "combined_validation_context": {
            "default_validation_context": {"match_typed_subject_alt_names": [name]},
            "validation_context_sds_secret_config": _from_agent("ROOTCA"),
        },
        "tls_certificate_sds_secret_configs": [_from_agent("default")],
    }


def _from_agent(name: str) -> dict[str, Any]:
    source = {
        "api_type": "GRPC",
        "grpc_services": [{"envoy_grpc": {"cluster_name": "sds-grpc"}}],
        "set_node_on_first_message_only": True,
        "transport_api_version": "V3",
    }
    return {
        "name": name,
        "sds_config": {"api_config_source": source, "initial_fetch_timeout": "0s", "resource_api_version": "V3"},
    }
