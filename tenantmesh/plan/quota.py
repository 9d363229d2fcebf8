"""What bounds a tenant's namespaces: ResourceQuotas and the LimitRange."""

from collections.abc import Iterable

from tenantmesh.manifest import Body
from tenantmesh.plan.objects import metadata
from tenantmesh.spec.gateway import IngressSpec, ServiceType
from tenantmesh.spec.quantities import cpu_text, size_text
from tenantmesh.spec.quota import LimitsSpec, QuotaSpec
from tenantmesh.spec.tenant import NamespaceSpec, TenantSpec

_OBJECTS = {
    "configmaps": 100,
    "count/cronjobs.batch": 100,
    "count/deployments.apps": 100,
    "count/jobs.batch": 100,
    "count/statefulsets.apps": 100,
    "persistentvolumeclaims": 100,
    "secrets": 100,
    "services": 100,
}
_SYSTEM_CLASSES = ("system-cluster-critical", "system-node-critical")


def plan_quota(tenant: TenantSpec) -> list[Body]:
    """For every namespace: its amounts, its priority classes, and the limits of its containers."""
    return [body for namespace in tenant.namespaces for body in _bodies(tenant, namespace)]


def exposed(ingresses: Iterable[IngressSpec]) -> tuple[int, int]:
    """How many load balancers and node ports ingresses take, as the API server counts them."""
    counts = [_exposed(ingress) for ingress in ingresses]
    return sum(balancers for balancers, _ in counts), sum(node_ports for _, node_ports in counts)


def _exposed(ingress: IngressSpec) -> tuple[int, int]:
    """A LoadBalancer takes a node port for each port unless it is told not to (allocateLoadBalancerNodePorts)."""
    if ingress.service.type is ServiceType.CLUSTER_IP:
        return 0, 0
    service = ingress.service
    ports = len(service_ports(ingress))
    if service.type is ServiceType.NODE_PORT:
        return 0, ports
    chosen = sum(1 for port in (service.http_node_port, service.https_node_port) if port)
    return 1, ports if service.allocate_node_ports else chosen


def service_ports(ingress: IngressSpec) -> list[str]:
    """The names of the ports that an ingress's Service has."""
    https = [] if ingress.client_tls == "none" else ["https"]
    return (["http"] if ingress.http_port else []) + https


def _bodies(tenant: TenantSpec, namespace: NamespaceSpec) -> Iterable[Body]:
    quota = namespace.quota
    balancers, node_ports = exposed(tenant.ingresses if namespace.part == tenant.gateway_part else ())
    hard = {**_amounts(quota), **{name: str(count) for name, count in {**_OBJECTS, **dict(quota.objects)}.items()}}
    hard |= {"services.loadbalancers": str(balancers), "services.nodeports": str(node_ports)}
    yield _quota(tenant, namespace, "tenant", hard, ())
    yield _quota(tenant, namespace, "system-priority", {"pods": "0"}, _SYSTEM_CLASSES)
    for name, pods in quota.priority_class_pods:
        yield _quota(tenant, namespace, f"priority--{name}", {"pods": str(pods)}, (name,))
    yield {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": metadata(tenant.name, "quota", "tenant", namespace.name),
        "spec": {"limits": [_limits(quota.container)]},
    }


def _amounts(quota: QuotaSpec) -> dict[str, str]:
    cpu, cpu_limit, memory, storage, pods = quota.amounts
    return {
        "limits.cpu": cpu_text(cpu_limit),
        "limits.memory": size_text(memory),
        "pods": str(pods),
        "requests.cpu": cpu_text(cpu),
        "requests.memory": size_text(memory),
        "requests.storage": size_text(storage),
    }


def _quota(
    tenant: TenantSpec, namespace: NamespaceSpec, name: str, hard: dict[str, str], classes: tuple[str, ...]
) -> Body:
    spec: dict[str, object] = {"hard": dict(sorted(hard.items()))}
    if classes:
        match = {"operator": "In", "scopeName": "PriorityClass", "values": list(classes)}
        spec["scopeSelector"] = {"matchExpressions": [match]}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata(tenant.name, "quota", name, namespace.name),
        "spec": spec,
    }


def _limits(limits: LimitsSpec) -> dict[str, object]:
    made: dict[str, object] = {
        "default": {"cpu": cpu_text(limits.cpu), "memory": size_text(limits.memory)},
        "defaultRequest": {"cpu": cpu_text(limits.cpu_request), "memory": size_text(limits.memory_request)},
        "type": "Container",
    }
    most = {"cpu": limits.cpu_maximum and cpu_text(limits.cpu_maximum)}
    most["memory"] = limits.memory_maximum and size_text(limits.memory_maximum)
    if any(most.values()):
        made["max"] = {name: amount for name, amount in most.items() if amount}
    return made
