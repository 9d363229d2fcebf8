"""What a user writes about sizes: quotas, replicas, resources."""

from typing import NotRequired, TypedDict


class LimitsArgs(TypedDict):
    """What a container gets that asks for nothing, and the most that it may ask for."""

    cpu: NotRequired[str]
    """CPU limit of a container that names none. Default: 500m."""
    memory: NotRequired[str]
    """Memory limit of a container that names none. Default: 256Mi."""
    cpu_request: NotRequired[str]
    """CPU request of a container that names none. Default: 50m."""
    memory_request: NotRequired[str]
    """Memory request of a container that names none. Default: 64Mi."""
    cpu_maximum: NotRequired[str]
    """The highest CPU limit of a container; proxies count too. Default: what the quota leaves."""
    memory_maximum: NotRequired[str]
    """The highest memory limit of a container; proxies count too. Default: what the quota leaves."""


class QuotaArgs(TypedDict):
    """How much of the cluster a tenant, or one of its namespaces, may use."""

    cpu: NotRequired[str]
    """CPU that pods may request in all. Default: 4."""
    cpu_limit: NotRequired[str]
    """CPU that pods may use in all when there is some to spare. Default: four times `cpu`."""
    memory: NotRequired[str]
    """Memory that pods may request, and use, in all. Default: 8Gi."""
    storage: NotRequired[str]
    """Storage that volume claims may request in all. Default: 20Gi."""
    pods: NotRequired[int]
    """How many pods may be there at once, the gateways' included. Default: 30."""
    objects: NotRequired[dict[str, int]]
    """Counts by resource, such as {"configmaps": 20, "count/jobs.batch": 5}. Default: 100 of each common kind."""
    priority_class_pods: NotRequired[dict[str, int]]
    """How many pods may have a PriorityClass, by its name. Default: no limit but `pods`; system classes always none."""
    container: NotRequired[LimitsArgs]
    """Limits of single containers. Default: see LimitsArgs."""


class ReplicasArgs(TypedDict):
    """How many pods; an autoscaler works between the two numbers."""

    minimum: NotRequired[int]
    """The fewest pods. Default: 2 for a gateway, 1 for an App."""
    maximum: NotRequired[int]
    """The most pods. Default: as many as `minimum`, with no autoscaler."""
    cpu_utilization: NotRequired[int]
    """Percent of the requested CPU that the autoscaler aims at. Default: 80."""


class ResourcesArgs(TypedDict):
    """What one container asks for and may use."""

    cpu: NotRequired[str]
    """CPU request. Default: 100m for a gateway, 50m for an App."""
    memory: NotRequired[str]
    """Memory request. Default: 128Mi for a gateway, 64Mi for an App."""
    cpu_limit: NotRequired[str]
    """CPU limit. Default: 1 for a gateway, 500m for an App."""
    memory_limit: NotRequired[str]
    """Memory limit. Default: 512Mi."""
