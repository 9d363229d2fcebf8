"""The fields of Istio's and Kubernetes' routing kinds that the routing layer knows.

What is missing here on purpose (`destinationSubnets`, `sourceSubnet`, `egressProxy`, `tunnel`) changes where traffic
goes in ways that objects alone don't tell, so that it makes an answer unproven.
Source: https://istio.io/latest/docs/reference/config/networking/.
"""

from collections.abc import Mapping
from typing import Final

from tenantmesh.graph.routing.fields import FLAG, FREE, NUMBER, TEXT, Named

_LABELS: Final = Named(TEXT)
_SELECTOR: Final = {"labels": _LABELS}
_PORT: Final = {"number": NUMBER}
_DESTINATION: Final = {"host": TEXT, "port": _PORT, "subset": TEXT}
_STRING: Final = {"exact": TEXT, "prefix": TEXT, "regex": TEXT}
_ROUTES: Final = [{"destination": _DESTINATION, "weight": NUMBER, "headers": FREE}]
_L4_MATCH: Final = {
    "gateways": [TEXT],
    "port": NUMBER,
    "sourceLabels": _LABELS,
    "sourceNamespace": TEXT,
}
_HTTP_MATCH: Final = {
    "authority": _STRING,
    "gateways": [TEXT],
    "headers": Named(_STRING),
    "ignoreUriCase": FLAG,
    "method": _STRING,
    "name": FREE,
    "port": NUMBER,
    "queryParams": Named(_STRING),
    "scheme": _STRING,
    "sourceLabels": _LABELS,
    "sourceNamespace": TEXT,
    "statPrefix": FREE,
    "uri": _STRING,
    "withoutHeaders": Named(_STRING),
}
_HTTP: Final = {
    "corsPolicy": FREE,
    "delegate": {"name": TEXT, "namespace": TEXT},
    "directResponse": FREE,
    "fault": FREE,
    "headers": FREE,
    "match": [_HTTP_MATCH],
    "mirror": _DESTINATION,
    "mirrorPercent": FREE,
    "mirrorPercentage": FREE,
    "mirror_percent": FREE,
    "mirrors": [{"destination": _DESTINATION, "percentage": FREE}],
    "name": FREE,
    "redirect": FREE,
    "retries": FREE,
    "rewrite": FREE,
    "route": _ROUTES,
    "timeout": FREE,
}
VIRTUAL_SERVICE: Final = {
    "exportTo": [TEXT],
    "gateways": [TEXT],
    "hosts": [TEXT],
    "http": [_HTTP],
    "tcp": [{"match": [_L4_MATCH], "route": _ROUTES}],
    "tls": [{"match": [{**_L4_MATCH, "sniHosts": [TEXT]}], "route": _ROUTES}],
}
SERVICE: Final = {
    "allocateLoadBalancerNodePorts": FLAG,
    "clusterIP": TEXT,
    "clusterIPs": FREE,
    "externalIPs": [TEXT],
    "externalName": TEXT,
    "externalTrafficPolicy": FREE,
    "healthCheckNodePort": FREE,
    "internalTrafficPolicy": FREE,
    "ipFamilies": FREE,
    "ipFamilyPolicy": FREE,
    "loadBalancerClass": FREE,
    "loadBalancerIP": FREE,
    "loadBalancerSourceRanges": [TEXT],
    "ports": [
        # A target is a number or a name, which the reader of ports tells apart.
        {"appProtocol": TEXT, "name": TEXT, "nodePort": NUMBER, "port": NUMBER, "protocol": TEXT, "targetPort": FREE}
    ],
    "publishNotReadyAddresses": FREE,
    "selector": _LABELS,
    "sessionAffinity": FREE,
    "sessionAffinityConfig": FREE,
    "trafficDistribution": FREE,
    "type": TEXT,
}
_INGRESS_BACKEND: Final = {"service": {"name": TEXT, "port": {"name": TEXT, "number": NUMBER}}}
INGRESS: Final = {
    "defaultBackend": _INGRESS_BACKEND,
    "ingressClassName": FREE,
    "rules": [{"host": TEXT, "http": {"paths": [{"backend": _INGRESS_BACKEND, "path": TEXT, "pathType": TEXT}]}}],
    "tls": FREE,
}
SIDECAR: Final = {
    "egress": [
        {
            "bind": TEXT,
            "captureMode": TEXT,
            "hosts": [TEXT],
            "port": {"name": FREE, "number": NUMBER, "protocol": TEXT, "targetPort": FREE},
        }
    ],
    "inboundConnectionPool": FREE,
    "ingress": FREE,
    "outboundTrafficPolicy": {"mode": TEXT},
    "workloadSelector": _SELECTOR,
}
SERVICE_ENTRY: Final = {
    "addresses": [TEXT],
    "endpoints": [
        {
            "address": TEXT,
            "labels": _LABELS,
            "locality": FREE,
            "network": FREE,
            "ports": Named(NUMBER),
            "serviceAccount": FREE,
            "weight": FREE,
        }
    ],
    "exportTo": [TEXT],
    "hosts": [TEXT],
    "location": TEXT,
    "ports": [{"name": TEXT, "number": NUMBER, "protocol": TEXT, "targetPort": NUMBER}],
    "resolution": TEXT,
    "subjectAltNames": FREE,
    "workloadSelector": _SELECTOR,
}
WORKLOAD_ENTRY: Final = {
    "address": TEXT,
    "labels": _LABELS,
    "locality": FREE,
    "network": FREE,
    "ports": Named(NUMBER),
    "serviceAccount": FREE,
    "weight": FREE,
}
_TLS: Final = {
    "caCertificates": FREE,
    "caCrl": FREE,
    "clientCertificate": FREE,
    "credentialName": FREE,
    "insecureSkipVerify": FREE,
    "mode": TEXT,
    "privateKey": FREE,
    "sni": TEXT,
    "subjectAltNames": FREE,
}
_POLICY: Final = {
    "connectionPool": FREE,
    "loadBalancer": FREE,
    "outlierDetection": FREE,
    "proxyProtocol": FREE,
    "retryBudget": FREE,
    "tls": _TLS,
}
_TRAFFIC: Final = {**_POLICY, "portLevelSettings": [{**_POLICY, "port": _PORT}]}
DESTINATION_RULE: Final = {
    "exportTo": [TEXT],
    "host": TEXT,
    "subsets": [{"labels": _LABELS, "name": TEXT, "trafficPolicy": _TRAFFIC}],
    "trafficPolicy": _TRAFFIC,
    "workloadSelector": {"matchLabels": _LABELS},
}
GATEWAY: Final = {
    "selector": _LABELS,
    "servers": [
        {
            "bind": TEXT,
            "defaultEndpoint": FREE,
            "hosts": [TEXT],
            "name": FREE,
            "port": {"name": TEXT, "number": NUMBER, "protocol": TEXT, "targetPort": NUMBER},
            "tls": {
                "caCertCredentialName": FREE,
                "caCertificates": FREE,
                "caCrl": FREE,
                "cipherSuites": FREE,
                "credentialName": TEXT,
                "credentialNames": [TEXT],
                "httpsRedirect": FLAG,
                "insecureSkipVerify": FREE,
                "maxProtocolVersion": FREE,
                "minProtocolVersion": FREE,
                "mode": TEXT,
                "privateKey": FREE,
                "serverCertificate": FREE,
                "subjectAltNames": FREE,
                "tlsCertificates": FREE,
                "verifyCertificateHash": FREE,
                "verifyCertificateSpki": FREE,
            },
        }
    ],
}

# Kinds of the groups that route which have no part in who reaches whom, or are read elsewhere.
READ: Final[Mapping[str, frozenset[str]]] = {
    "networking.istio.io": frozenset(
        {
            "DestinationRule",
            "Gateway",
            "ProxyConfig",
            "ServiceEntry",
            "Sidecar",
            "VirtualService",
            "WorkloadEntry",
            "WorkloadGroup",
        }
    ),
    "extensions.istio.io": frozenset(),
    "gateway.networking.k8s.io": frozenset(
        {
            "BackendTLSPolicy",
            "GRPCRoute",
            "Gateway",
            "GatewayClass",
            "HTTPRoute",
            "ListenerSet",
            "ReferenceGrant",
            "TCPRoute",
            "TLSRoute",
        }
    ),
    "gateway.networking.x-k8s.io": frozenset({"XListenerSet"}),
}
"""By group, the kinds that this layer reads; another kind of the group makes what it may act on unproven."""


def is_read(group: str, kind: str) -> bool:
    """Whether a kind is no concern of routing, or read by it."""
    return group not in READ or kind in READ[group]
