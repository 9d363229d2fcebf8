"""What proxies know of an App's pods: its versions as subsets, the circuit breaker, how the next pod is chosen."""

from collections.abc import Mapping

from tenantmesh.manifest import Body
from tenantmesh.plan.grants import export_to
from tenantmesh.plan.kinds import networking
from tenantmesh.plan.objects import metadata
from tenantmesh.spec import labels
from tenantmesh.spec.app import AppSpec
from tenantmesh.spec.durations import written
from tenantmesh.spec.tenant import TenantSpec
from tenantmesh.spec.traffic import (
    ConnectionPoolSpec,
    ConsistentHashSpec,
    LoadBalancerSpec,
    OutlierDetectionSpec,
    TrafficSpec,
)

_Hash = networking.DestinationRuleTrafficPolicyLoadBalancerConsistentHash


def service_host(app: AppSpec, tenant: TenantSpec) -> str:
    """The full name of the App's Service."""
    return f"{app.name}.{app.namespace}.svc.{tenant.mesh.cluster_domain}"


def plan_destination(app: AppSpec, tenant: TenantSpec) -> list[Body]:
    """A DestinationRule where the App's traffic says anything, for all who may see its Service."""
    if not app.traffic or not app.ports:
        return []
    spec: networking.DestinationRuleSpec = {
        "exportTo": list(export_to(tenant, app.name, app.part)),
        "host": service_host(app, tenant),
        "subsets": [
            {"labels": {labels.ISTIO_VERSION: version.name}, "name": version.name}
            for version in sorted(app.versions, key=lambda one: one.name)
        ],
    }
    policy = _policy(app.traffic)
    if policy:
        spec["trafficPolicy"] = policy
    rule: networking.DestinationRule = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": metadata(app.tenant, "app", app.name, app.namespace),
        "spec": spec,
    }
    return [rule]


def _policy(traffic: TrafficSpec) -> networking.DestinationRuleTrafficPolicy:
    made: networking.DestinationRuleTrafficPolicy = {}
    if traffic.connection_pool:
        made["connectionPool"] = _pool(traffic.connection_pool)
    if traffic.outlier_detection:
        made["outlierDetection"] = _outliers(traffic.outlier_detection)
    if traffic.load_balancer:
        made["loadBalancer"] = _balancer(traffic.load_balancer)
    return made


def _pool(pool: ConnectionPoolSpec) -> networking.DestinationRuleTrafficPolicyConnectionPool:
    made: networking.DestinationRuleTrafficPolicyConnectionPool = {}
    tcp: networking.DestinationRuleTrafficPolicyConnectionPoolTcp = {}
    if pool.max_connections:
        tcp["maxConnections"] = pool.max_connections
    if pool.connect_timeout:
        tcp["connectTimeout"] = written(pool.connect_timeout)
    numbers: Mapping[str, int] = {
        "http1MaxPendingRequests": pool.max_pending_requests,
        "http2MaxRequests": pool.max_requests,
        "maxRequestsPerConnection": pool.max_requests_per_connection,
        "maxRetries": pool.max_retries,
    }
    http = {key: number for key, number in numbers.items() if number}
    if tcp:
        made["tcp"] = tcp
    if http:
        made["http"] = networking.DestinationRuleTrafficPolicyConnectionPoolHttp(**http)  # type: ignore[typeddict-item]
    return made


def _outliers(spec: OutlierDetectionSpec) -> networking.DestinationRuleTrafficPolicyOutlierDetection:
    return {
        "baseEjectionTime": written(spec.base_ejection_time),
        "consecutive5xxErrors": spec.consecutive_5xx_errors,
        "consecutiveGatewayErrors": spec.consecutive_gateway_errors,
        "interval": written(spec.interval),
        "maxEjectionPercent": spec.max_ejection_percent,
        "minHealthPercent": spec.min_health_percent,
    }


def _balancer(spec: LoadBalancerSpec) -> networking.DestinationRuleTrafficPolicyLoadBalancer:
    if spec.consistent_hash:
        return {"consistentHash": _hash(spec.consistent_hash)}
    made: networking.DestinationRuleTrafficPolicyLoadBalancer = {"simple": spec.algorithm.value}
    if spec.warmup:
        made["warmup"] = {"duration": written(spec.warmup)}
    return made


def _hash(spec: ConsistentHashSpec) -> _Hash:
    if spec.header:
        return {"httpHeaderName": spec.header}
    if spec.cookie:
        return {"httpCookie": {"name": spec.cookie, "ttl": written(spec.cookie_ttl)}}
    return {"httpQueryParameterName": spec.query} if spec.query else {"useSourceIp": True}
