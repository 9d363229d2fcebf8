"""What a user writes about what is recorded of traffic."""

from typing import NotRequired, TypedDict

from tenantmesh.args.names import AccessLogName, LoggedName


class MeshTelemetryArgs(TypedDict):
    """What all proxies of a mesh record."""

    access_log: NotRequired[AccessLogName]
    """How proxies write their access log: text (Istio's own line and the tenant), json (without queries), none; both
    formats name the tenant and the identities of both ends. Default: text."""
    namespace: NotRequired[str]
    """The namespace of Prometheus and Grafana, which has to be there: a ConfigMap with the scrape job is put in it, and
    those of the tenants. Default: no scrape job, and the tenants' in the first of the observability namespaces."""


class TelemetryArgs(TypedDict):
    """What is recorded of a tenant: rules for Prometheus, a dashboard for Grafana and the scope of a Kiali."""

    access_log: NotRequired[LoggedName]
    """Which requests the tenant's proxies log: all, errors (status 400 and above, or no answer), none. Default: all."""
    window_minutes: NotRequired[int]
    """Over how many minutes rates and percentiles are taken. Default: 5."""
