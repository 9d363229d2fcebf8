"""What a user writes about what is recorded of traffic."""

from typing import NotRequired, TypedDict

from tenantmesh.args.names import AccessLogName, LoggedName, TracingProtocolName


class TracingArgs(TypedDict):
    """An OpenTelemetry collector in the cluster, which gets the spans of all tenants' proxies."""

    service: str
    """The name of its Service."""
    namespace: str
    """Its namespace, which is neither a tenant's nor one of the observability namespaces: from those all tenants'
    proxies are asked, and to this one all of them send."""
    pod_labels: NotRequired[dict[str, str]]
    """Labels of its pods, which the tenants' network policies open. Default: as its chart has them,
    app.kubernetes.io/name=opentelemetry-collector."""
    protocol: NotRequired[TracingProtocolName]
    """How spans are sent: grpc, http. Default: grpc."""
    port: NotRequired[int]
    """The port of its Service. Default: 4317 for grpc, 4318 for http."""
    target_port: NotRequired[int]
    """The port of its pods. Default: the Service's."""
    sampling: NotRequired[float]
    """The percentage of requests that are traced, in tenants that say nothing. Default: 1."""


class MeshTelemetryArgs(TypedDict):
    """What all proxies of a mesh record."""

    access_log: NotRequired[AccessLogName]
    """How proxies write their access log: text (Istio's own line and the tenant), json (without queries), none; both
    formats name the tenant and the identities of both ends. Default: text."""
    namespace: NotRequired[str]
    """The namespace of Prometheus and Grafana, which has to be there: a ConfigMap with the scrape job is put in it, and
    those of the tenants. Default: no scrape job, and the tenants' in the first of the observability namespaces."""
    tracing: NotRequired[TracingArgs]
    """The collector of spans. Default: none, and no spans."""


class TelemetryArgs(TypedDict):
    """What is recorded of a tenant: rules for Prometheus, a dashboard for Grafana and the scope of a Kiali."""

    access_log: NotRequired[LoggedName]
    """Which requests the tenant's proxies log: all, errors (status 400 and above, or no answer), none. Default: all."""
    window_minutes: NotRequired[int]
    """Over how many minutes rates and percentiles are taken. Default: 5."""
    sampling: NotRequired[float]
    """The percentage of its requests that are traced; with 0 its proxies send no spans, whatever a client asks for.
    Default: what the mesh's tracing says."""
