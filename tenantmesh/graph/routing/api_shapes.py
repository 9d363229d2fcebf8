"""The fields of Gateway API's kinds that the routing layer knows.

Filters that hand over to something else (`extensionRef`, `externalAuth`) are missing on purpose.
Source: https://gateway-api.sigs.k8s.io/reference/spec/.
"""

from collections.abc import Mapping
from typing import Any, Final

from tenantmesh.graph.routing.fields import FREE, NUMBER, TEXT

_PARENT: Final = {
    "group": TEXT,
    "kind": TEXT,
    "name": TEXT,
    "namespace": TEXT,
    "port": NUMBER,
    "sectionName": TEXT,
}
_BACKEND: Final = {
    "filters": FREE,
    "group": TEXT,
    "kind": TEXT,
    "name": TEXT,
    "namespace": TEXT,
    "port": NUMBER,
    "weight": NUMBER,
}
_FILTER: Final = {
    "cors": FREE,
    "requestHeaderModifier": FREE,
    "requestMirror": {"backendRef": _BACKEND, "fraction": FREE, "percent": FREE},
    "requestRedirect": FREE,
    "responseHeaderModifier": FREE,
    "type": TEXT,
    "urlRewrite": FREE,
}
_VALUE: Final = {"name": TEXT, "type": TEXT, "value": TEXT}
_RULE: Final = {
    "backendRefs": [_BACKEND],
    "filters": [_FILTER],
    "name": FREE,
    "retry": FREE,
    "sessionPersistence": FREE,
    "timeouts": FREE,
}
_ROUTE: Final = {"hostnames": [TEXT], "parentRefs": [_PARENT], "useDefaultGateways": TEXT}
_HTTP_MATCH: Final = {
    "headers": [_VALUE],
    "method": TEXT,
    "path": {"type": TEXT, "value": TEXT},
    "queryParams": [_VALUE],
}
_GRPC_MATCH: Final = {"headers": [_VALUE], "method": {"method": TEXT, "service": TEXT, "type": TEXT}}
ROUTES: Final[Mapping[str, Any]] = {
    "HTTPRoute": {**_ROUTE, "rules": [{**_RULE, "matches": [_HTTP_MATCH]}]},
    "GRPCRoute": {**_ROUTE, "rules": [{**_RULE, "matches": [_GRPC_MATCH]}]},
    "TLSRoute": {**_ROUTE, "rules": [_RULE]},
    "TCPRoute": {**_ROUTE, "rules": [_RULE]},
}
"""By kind of route."""

_CERTIFICATE: Final = {"group": TEXT, "kind": TEXT, "name": TEXT, "namespace": TEXT}
_NAMESPACES: Final = {"from": TEXT, "selector": {"matchExpressions": FREE, "matchLabels": FREE}}
LISTENERS: Final = [
    {
        "allowedRoutes": {"kinds": [{"group": TEXT, "kind": TEXT}], "namespaces": _NAMESPACES},
        "hostname": TEXT,
        "name": TEXT,
        "port": NUMBER,
        "protocol": TEXT,
        "tls": {"certificateRefs": [_CERTIFICATE], "frontendValidation": FREE, "mode": TEXT, "options": FREE},
    }
]
GATEWAY: Final = {
    "addresses": [{"type": TEXT, "value": TEXT}],
    "allowedListeners": {"namespaces": _NAMESPACES},
    "gatewayClassName": TEXT,
    "infrastructure": FREE,
    "listeners": LISTENERS,
    "tls": FREE,
}
LISTENER_SET: Final = {"listeners": LISTENERS, "parentRef": _PARENT}
