"""Istio's annotations of pods: which of them weaken the proxy, with which values.

Source: https://istio.io/latest/docs/reference/config/annotations/ and
https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import yaml

from tenantmesh.graph.pods import Mark

DOMAIN = "istio.io"


class Bypass(StrEnum):
    """How somebody goes around the mesh, or can; the last ones are settings that are absent and could be there."""

    OUTSIDE_MESH = "no proxy"
    INJECTION_OFF = "injection switched off"
    HOST_NETWORK = "node's network"
    AMBIENT_OFF = "ambient switched off"
    WAYPOINT_OFF = "waypoint switched off"
    PLAIN_TEXT = "plain text"
    OUTBOUND_PAST_PROXY = "outbound traffic past the proxy"
    INBOUND_PAST_PROXY = "inbound traffic past the proxy"
    PROXY_USER = "the proxy's user"
    PROXY_GROUP = "the proxy's group"
    CHANGES_NETWORK = "changes its own network"
    SEES_PROXY = "sees the proxy's processes"
    PROXY_OVERRIDE = "proxy of its own making"
    OWN_TEMPLATE = "injection template"
    PROXY_OBJECT = "object that changes proxies"
    UNKNOWN = "unknown setting"
    USER_UNSET = "the proxy's user is not refused"


def _never(_: str) -> bool:
    return False


def _empty(value: str) -> bool:
    return not value.strip()


def _all(value: str) -> bool:
    return value.strip() == "*"


def _shipped(value: str) -> bool:
    """The templates of Istio's own that put a proxy into the pod's way."""
    return all(one.strip() in ("sidecar", "gateway", "spire") for one in value.split(","))


Rule = tuple[Callable[[str], bool], Bypass, str]

ANNOTATIONS: Mapping[str, Rule] = {
    "traffic.sidecar.istio.io/excludeOutboundPorts": (
        _empty,
        Bypass.OUTBOUND_PAST_PROXY,
        "what it sends to these ports does not pass its proxy",
    ),
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": (
        _empty,
        Bypass.OUTBOUND_PAST_PROXY,
        "what it sends to these addresses does not pass its proxy",
    ),
    "traffic.sidecar.istio.io/includeOutboundIPRanges": (
        _all,
        Bypass.OUTBOUND_PAST_PROXY,
        "only what it sends to these addresses passes its proxy",
    ),
    "traffic.sidecar.istio.io/excludeInterfaces": (
        _empty,
        Bypass.OUTBOUND_PAST_PROXY,
        "traffic of these interfaces does not pass its proxy",
    ),
    "traffic.sidecar.istio.io/kubevirtInterfaces": (
        _empty,
        Bypass.OUTBOUND_PAST_PROXY,
        "traffic of these interfaces is taken for outbound",
    ),
    "istio.io/reroute-virtual-interfaces": (
        _empty,
        Bypass.OUTBOUND_PAST_PROXY,
        "traffic of these interfaces is taken for outbound",
    ),
    "traffic.sidecar.istio.io/excludeInboundPorts": (
        _empty,
        Bypass.INBOUND_PAST_PROXY,
        "what comes to these ports does not pass its proxy",
    ),
    "traffic.sidecar.istio.io/includeInboundPorts": (
        _all,
        Bypass.INBOUND_PAST_PROXY,
        "only what comes to these ports passes its proxy",
    ),
    "ambient.istio.io/bypass-inbound-capture": (
        lambda value: value == "false",
        Bypass.INBOUND_PAST_PROXY,
        "what comes in does not pass ambient's proxy",
    ),
    "ambient.istio.io/dns-capture": (
        lambda value: value == "true",
        Bypass.OUTBOUND_PAST_PROXY,
        "its lookups do not pass ambient's proxy",
    ),
    "sidecar.istio.io/interceptionMode": (
        lambda value: value in ("REDIRECT", "TPROXY"),
        Bypass.OUTBOUND_PAST_PROXY,
        "no traffic passes its proxy",
    ),
    "inject.istio.io/templates": (
        _shipped,
        Bypass.OWN_TEMPLATE,
        "a template that is not Istio's own decides what its proxy is",
    ),
    "sidecar.istio.io/bootstrapOverride": (_never, Bypass.PROXY_OVERRIDE, "it gives its proxy a configuration"),
    "sidecar.istio.io/discoveryAddress": (_never, Bypass.PROXY_OVERRIDE, "it gives its proxy another control plane"),
    "sidecar.istio.io/proxyImage": (_never, Bypass.PROXY_OVERRIDE, "it chooses its proxy's image"),
    "sidecar.istio.io/status": (_never, Bypass.PROXY_OVERRIDE, "it says that it has a proxy already"),
    "sidecar.istio.io/userVolume": (_never, Bypass.PROXY_OVERRIDE, "it gives its proxy volumes"),
    "sidecar.istio.io/userVolumeMount": (_never, Bypass.PROXY_OVERRIDE, "it puts files into its proxy"),
    "proxy.istio.io/overrides": (_never, Bypass.PROXY_OVERRIDE, "it says what its proxy's container is"),
    "topology.istio.io/controlPlaneClusters": (
        _never,
        Bypass.PROXY_OVERRIDE,
        "it chooses which control planes manage it",
    ),
}
"""Each annotation that can weaken a proxy: the values that do not, and what the others do."""

HARMLESS = frozenset(
    {
        "alpha.istio.io/canonical-serviceaccounts",
        "alpha.istio.io/kubernetes-serviceaccounts",
        "ambient.istio.io/redirection",
        "galley.istio.io/analyze-suppress",
        "istio.io/rev",
        "kubectl.istio.io/restartedAt",
        "prometheus.istio.io/merge-metrics",
        "readiness.status.sidecar.istio.io/applicationPorts",
        "readiness.status.sidecar.istio.io/failureThreshold",
        "readiness.status.sidecar.istio.io/initialDelaySeconds",
        "readiness.status.sidecar.istio.io/periodSeconds",
        "sidecar.istio.io/agentLogLevel",
        "sidecar.istio.io/componentLogLevel",
        "sidecar.istio.io/extraStatTags",
        "sidecar.istio.io/inject",
        "sidecar.istio.io/logLevel",
        "sidecar.istio.io/nativeSidecar",
        "sidecar.istio.io/proxyCPU",
        "sidecar.istio.io/proxyCPULimit",
        "sidecar.istio.io/proxyImageType",
        "sidecar.istio.io/proxyMemory",
        "sidecar.istio.io/proxyMemoryLimit",
        "sidecar.istio.io/rewriteAppHTTPProbers",
        "sidecar.istio.io/statsCompression",
        "sidecar.istio.io/statsEvictionInterval",
        "sidecar.istio.io/statsFlushInterval",
        "sidecar.istio.io/statsHistogramBins",
        "sidecar.istio.io/statsHistogramBuckets",
        "sidecar.istio.io/statsInclusionPrefixes",
        "sidecar.istio.io/statsInclusionRegexps",
        "sidecar.istio.io/statsInclusionSuffixes",
        "status.sidecar.istio.io/port",
        # It adds to what passes the proxy.
        "traffic.sidecar.istio.io/includeOutboundPorts",
    }
)
"""Annotations that take nothing away from what a proxy sees and does."""

_CONFIG = frozenset(
    {
        "concurrency",
        "drainDuration",
        "extraStatTags",
        "holdApplicationUntilProxyStarts",
        "proxyStatsMatcher",
        "readinessProbe",
        "serviceCluster",
        "statNameLength",
        "statsCompression",
        "terminationDrainDuration",
        "tracingServiceName",
    }
)
"""Fields of a proxy's configuration that take nothing away from what it sees and does."""

# A gateway that drops or sets the header of client certificates believes none that a client sends.
_STRICT: Mapping[str, tuple[Any, ...]] = {
    "gatewayTopology": ({"forwardClientCertDetails": "SANITIZE"}, {"forwardClientCertDetails": "SANITIZE_SET"}),
    "interceptionMode": ("REDIRECT", "TPROXY"),
}
"""Fields with the values that take nothing away either."""


def proxy_config(value: Any, path: str) -> Iterator[Mark]:
    """What the annotation `proxy.istio.io/config` changes of the proxy, field by field."""
    try:
        config: Any = yaml.safe_load(value) or {}
        fields = sorted(config)
    except (yaml.YAMLError, AttributeError, TypeError):
        yield Mark(Bypass.UNKNOWN, path, "it is no configuration of a proxy", unknown=True)
        return
    for field in fields:
        if config[field] in _STRICT.get(field, ()):
            continue
        if field not in _CONFIG:
            yield Mark(Bypass.PROXY_OVERRIDE, path, f"it sets {field} of its proxy")
