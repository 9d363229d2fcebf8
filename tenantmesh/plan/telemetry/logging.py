"""The access log of all proxies, whose lines name the tenant, and which of a tenant's requests are in it."""

import json
from collections.abc import Mapping
from typing import Any

from tenantmesh.plan.kinds import telemetry
from tenantmesh.spec import labels
from tenantmesh.spec.telemetry import AccessLog, Logged
from tenantmesh.spec.tenant import TenantSpec

# Envoy's own commands, https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
# A pod without the label is named by its namespace, which begins with the tenant's name.
_TENANT = (
    f"%CEL('{labels.TENANT}' in xds.node.metadata.LABELS"
    f" ? xds.node.metadata.LABELS['{labels.TENANT}'] : xds.node.metadata.NAMESPACE)%"
)
_NAMED = {
    "tenant": _TENANT,
    # Istio puts it into the environment of its proxies, which read it once; an expression is worked out for each line.
    "namespace": "%ENVIRONMENT(POD_NAMESPACE)%",
    "source": "%DOWNSTREAM_PEER_URI_SAN%",
    "served_by": "%DOWNSTREAM_LOCAL_URI_SAN%",
}
# Istio's default line, https://istio.io/latest/docs/tasks/observability/logs/access-log/#default-access-log-format
_TEXT = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% '
    '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% '
    '%BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" '
    '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% '
    "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%"
)
_FIELDS = {
    "time": "%START_TIME%",
    **_NAMED,
    "method": "%REQ(:METHOD)%",
    "authority": "%REQ(:AUTHORITY)%",
    "path": "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "received_bytes": "%BYTES_RECEIVED%",
    "sent_bytes": "%BYTES_SENT%",
    "duration_ms": "%DURATION%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "client_name": "%DOWNSTREAM_PEER_SUBJECT%",
    "server_name": "%REQUESTED_SERVER_NAME%",
    "upstream": "%UPSTREAM_HOST%",
    "upstream_cluster": "%UPSTREAM_CLUSTER_RAW%",
    "user_agent": "%REQ(USER-AGENT)%",
}
_FORMATS: Mapping[AccessLog, Mapping[str, Any]] = {
    AccessLog.NONE: {},
    AccessLog.TEXT: {
        "accessLogFile": "/dev/stdout",
        "accessLogFormat": f"{_TEXT} {' '.join(f'{name}={command}' for name, command in _NAMED.items())}\n",
    },
    AccessLog.JSON: {
        "accessLogEncoding": "JSON",
        "accessLogFile": "/dev/stdout",
        "accessLogFormat": json.dumps(_FIELDS),
    },
}
_LOGGING: Mapping[Logged, telemetry.TelemetryAccessLogging] = {
    # A connection that ends without an answer has the status 0.
    Logged.ERRORS: {"filter": {"expression": "response.code >= 400 || response.code == 0"}},
    Logged.NONE: {"disabled": True},
}
_PROVIDER = "envoy"
"""Istio's built-in name of the log that the mesh config describes."""


def log_settings(access_log: AccessLog) -> dict[str, Any]:
    """What MeshConfig says of the access log."""
    return dict(_FORMATS[access_log])


def logging_of(tenant: TenantSpec) -> telemetry.TelemetrySpec:
    """What a Telemetry says of the log where not all requests are in it; nothing where all are, as the mesh has it."""
    if tenant.telemetry is None or tenant.telemetry.logged not in _LOGGING:
        return {}
    return {"accessLogging": [{"providers": [{"name": _PROVIDER}], **_LOGGING[tenant.telemetry.logged]}]}
