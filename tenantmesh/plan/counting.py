"""What counts requests for all pods of a tenant's ingress gateways: Envoy's rate limit service with a redis beside it.

One pod of the tenant's own, in the namespace of its gateways: no other tenant can spend its limits, and only the
gateways may ask. https://github.com/envoyproxy/ratelimit
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tenantmesh.manifest import Body
from tenantmesh.plan.kinds import security
from tenantmesh.plan.objects import (
    CONTAINER_SECURITY,
    POD_SECURITY,
    metadata,
    requests_and_limits,
    service_account,
)
from tenantmesh.plan.principals import principal
from tenantmesh.plan.proxies import gateway_name
from tenantmesh.plan.upstreams import HTTP2, Upstream
from tenantmesh.spec import labels
from tenantmesh.spec.rate_limits import COUNTER, RateLimitSpec
from tenantmesh.spec.tenant import TenantSpec

LIMIT = "limit"
"""The key under which the gateway says which limit a request counts for."""

SERVICE_IMAGE = "docker.io/envoyproxy/ratelimit:3fb70258"
REDIS_IMAGE = "docker.io/library/redis:8.2-alpine"

FOLDER = "/etc/ratelimit"
"""Where the service has its settings, in `config`."""

_GRPC, _HEALTH, _REDIS = 8081, 8080, 6379
_USER = 65532
_LARGEST = "96mb"
_EVICTED = "allkeys-lru"


def counting_name(tenant: TenantSpec) -> str:
    """What the objects of the service are called."""
    return f"{tenant.name}-ratelimit"


def upstream(tenant: TenantSpec) -> Upstream:
    """The service as the gateway asks it."""
    name, namespace = counting_name(tenant), tenant.gateway_namespace
    return Upstream(
        name="tenantmesh-ratelimit",
        host=f"{name}.{namespace}.svc.{tenant.mesh.cluster_domain}",
        port=_GRPC,
        principal=principal(tenant, namespace, name),
        tls={"alpn_protocols": ["h2"]},
        fields=HTTP2,
    )


def plan_counting(tenant: TenantSpec, limits: Iterable[RateLimitSpec]) -> list[Body]:
    """The service with its limits, and a policy by which only the ingress gateways may ask it."""
    settings = _settings(tenant, limits)
    config: Body = {
        "apiVersion": "v1",
        "data": {"limits.yaml": settings},
        "kind": "ConfigMap",
        "metadata": _meta(tenant),
    }
    return [service_account(_meta(tenant)), config, _deployment(tenant, settings), _service(tenant), _asked_by(tenant)]


def _meta(tenant: TenantSpec) -> Any:
    meta = metadata(tenant.name, "ratelimit", counting_name(tenant), tenant.gateway_namespace)
    return {**meta, "labels": {**meta.get("labels", {}), **_selector(tenant)}}


def _selector(tenant: TenantSpec) -> dict[str, str]:
    return labels.application(counting_name(tenant))


def _settings(tenant: TenantSpec, limits: Iterable[RateLimitSpec]) -> str:
    """JSON, which is YAML too."""
    found = {"domain": tenant.name, "descriptors": [one for limit in limits for one in _descriptors(limit)]}
    return json.dumps(found, indent=1, sort_keys=True)


def _descriptors(limit: RateLimitSpec) -> list[dict[str, Any]]:
    """A descriptor without a value counts each value by itself, and one above it what has none."""
    rate = {"requests_per_unit": limit.requests, "unit": limit.per.value}
    found: dict[str, Any] = {"key": LIMIT, "rate_limit": rate, "value": limit.name}
    if limit.header:
        found["descriptors"] = [{"key": limit.header, "rate_limit": rate}]
    return [found]


def _deployment(tenant: TenantSpec, settings: str) -> Body:
    """One pod at a time: two would count apart."""
    name, selector = counting_name(tenant), _selector(tenant)
    meta = {
        # It reads its settings at its start.
        "annotations": {labels.SETTINGS: hashlib.sha256(settings.encode()).hexdigest()},
        "labels": {**labels.owned(tenant.name, "ratelimit"), **selector, labels.ISTIO_APP: name},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(tenant),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": selector},
            "strategy": {"type": "Recreate"},
            "template": {"metadata": meta, "spec": _pod(name)},
        },
    }


def _pod(name: str) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "containers": [_redis(), _counter()],
        "securityContext": {**POD_SECURITY, "runAsGroup": _USER, "runAsUser": _USER},
        "serviceAccountName": name,
        "volumes": [{"configMap": {"name": name}, "name": "settings"}],
    }


def _redis() -> dict[str, Any]:
    """In memory, and for the container beside it alone."""
    settings = {
        "appendonly": "no",
        "bind": "127.0.0.1",
        "maxmemory": _LARGEST,
        "maxmemory-policy": _EVICTED,
        "port": str(_REDIS),
        "save": "",
    }
    return {
        **_container("redis", REDIS_IMAGE),
        "args": [part for name, value in settings.items() for part in (f"--{name}", value)],
    }


def _counter() -> dict[str, Any]:
    settings = {
        "BACKEND_TYPE": "redis",
        "DEBUG_HOST": "127.0.0.1",
        "DISABLE_STATS": "true",
        "GRPC_PORT": str(_GRPC),
        "LOG_LEVEL": "warn",
        "PORT": str(_HEALTH),
        "REDIS_HEALTH_CHECK_ACTIVE_CONNECTION": "true",
        "REDIS_SOCKET_TYPE": "tcp",
        "REDIS_TYPE": "SINGLE",
        "REDIS_URL": f"127.0.0.1:{_REDIS}",
        "RUNTIME_IGNOREDOTFILES": "true",
        "RUNTIME_ROOT": FOLDER,
        "RUNTIME_WATCH_ROOT": "false",
    }
    return {
        **_container("ratelimit", SERVICE_IMAGE),
        "command": ["/bin/ratelimit"],
        "env": [{"name": name, "value": value} for name, value in settings.items()],
        "ports": [
            {"containerPort": _GRPC, "name": "grpc", "protocol": "TCP"},
            {"containerPort": _HEALTH, "name": "health", "protocol": "TCP"},
        ],
        "readinessProbe": {"httpGet": {"path": "/healthcheck", "port": _HEALTH}, "periodSeconds": 5},
        "volumeMounts": [{"mountPath": f"{FOLDER}/config", "name": "settings", "readOnly": True}],
    }


def _container(name: str, image: str) -> dict[str, Any]:
    return {
        "image": image,
        "imagePullPolicy": "Always",
        "name": name,
        "resources": requests_and_limits(COUNTER),
        "securityContext": dict(CONTAINER_SECURITY),
    }


def _service(tenant: TenantSpec) -> Body:
    port = {"appProtocol": "grpc", "name": "grpc", "port": _GRPC, "protocol": "TCP", "targetPort": _GRPC}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**_meta(tenant), "annotations": {labels.EXPORT_TO: "."}},
        "spec": {"ports": [port], "selector": _selector(tenant), "type": "ClusterIP"},
    }


def _asked_by(tenant: TenantSpec) -> security.AuthorizationPolicy:
    """Whoever else may ask could spend the limits."""
    names = [gateway_name(tenant, ingress.role) for ingress in tenant.ingresses]
    gateways = [principal(tenant, tenant.gateway_namespace, name) for name in names]
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": _meta(tenant),
        "spec": {
            "action": "DENY",
            "rules": [{"from": [{"source": {"notPrincipals": gateways}}]}],
            "selector": {"matchLabels": _selector(tenant)},
        },
    }
