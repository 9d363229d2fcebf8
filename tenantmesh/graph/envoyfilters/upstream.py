"""The shape of a cluster that leads to a workload of the filter's own namespace and to nobody else.

Whoever answers has to prove by its certificate that it is of that namespace: a name that leads elsewhere, by an
ExternalName say, leads to nobody. Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
and …/extensions/transport_sockets/tls/v3/common.proto.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.graph.envoyfilters.shape import Place, duration, number, pattern, text

_ACCOUNT: Final = r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_TLS: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"

NAME: Final = pattern(r"tenantmesh-[a-z][-a-z0-9]*")
"""A name of tenantmesh's own: no cluster of Istio's is replaced by one that is added."""


def own_service(value: Any, place: Place) -> bool:
    """The full name of a Service in the filter's namespace."""
    return pattern(rf"{_LABEL}\.{_escaped(f'{place.namespace}.svc.{place.cluster_domain}')}")(value, place)


def own_identity(value: Any, place: Place) -> bool:
    """The identity of a workload in the filter's namespace."""
    return pattern(rf"{_escaped(f'spiffe://{place.trust_domain}/ns/{place.namespace}/sa/')}{_ACCOUNT}")(value, place)


def _from_agent(name: str) -> Mapping[str, Any]:
    """A certificate that Istio's agent gives the proxy."""
    return {
        "name": name,
        "sds_config": {
            "api_config_source": {
                "api_type": "GRPC",
                "grpc_services": [{"envoy_grpc": {"cluster_name": "sds-grpc"}}],
                "set_node_on_first_message_only": True,
                "transport_api_version": "V3",
            },
            "initial_fetch_timeout": "0s",
            "resource_api_version": "V3",
        },
    }


def _socket(mutual: Mapping[str, Any]) -> Mapping[str, Any]:
    own = {"matcher": {"exact": own_identity}, "san_type": "URI"}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": _TLS,
            "common_tls_context": {
                "combined_validation_context": {
                    "default_validation_context": {"match_typed_subject_alt_names": [own]},
                    "validation_context_sds_secret_config": _from_agent("ROOTCA"),
                },
                "tls_certificate_sds_secret_configs": [_from_agent("default")],
                **mutual,
            },
            "sni": text,
        },
    }


def own_cluster(mutual: Mapping[str, Any], **fields: Any) -> Mapping[str, Any]:
    """A patch that adds a cluster; `mutual` are further fields of its CommonTlsContext, `fields` of the cluster."""
    endpoint = {"endpoint": {"address": {"socket_address": {"address": own_service, "port_value": number}}}}
    value = {
        "connect_timeout": duration,
        "dns_lookup_family": "V4_PREFERRED",
        "load_assignment": {"cluster_name": NAME, "endpoints": [{"lb_endpoints": [endpoint]}]},
        "name": NAME,
        "transport_socket": _socket(mutual),
        "type": "STRICT_DNS",
        **fields,
    }
    return {
        "applyTo": "CLUSTER",
        "match": {"context": "GATEWAY"},
        "patch": {"operation": "ADD", "value": value},
    }


def _escaped(text: str) -> str:
    return text.replace(".", r"\.")
