"""Who goes around the mesh, or can, each with its place."""

import pytest

from tenantmesh.graph.bypass import PROXY_OBJECTS, Bypass, Bypasses
from tenantmesh.graph.mesh import MeshSettings
from tests.graph.pods import HARD, cluster, container, deployment, namespace, pod, service


def found(*bodies, space=None, mesh=None):
    facts = Bypasses(cluster(space or namespace(), *bodies, mesh=mesh)).of("acme")
    return [(fact.kind, fact.path.removeprefix("spec.template.")) for fact in facts]


def test_an_injected_workload_says_nothing():
    assert found(deployment(), service()) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("traffic.sidecar.istio.io/excludeOutboundPorts", "443", Bypass.OUTBOUND_PAST_PROXY),
        ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/8", Bypass.OUTBOUND_PAST_PROXY),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0/8", Bypass.OUTBOUND_PAST_PROXY),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges", "", Bypass.OUTBOUND_PAST_PROXY),
        ("traffic.sidecar.istio.io/excludeInterfaces", "eth1", Bypass.OUTBOUND_PAST_PROXY),
        ("traffic.sidecar.istio.io/excludeInboundPorts", "80", Bypass.INBOUND_PAST_PROXY),
        ("traffic.sidecar.istio.io/includeInboundPorts", "", Bypass.INBOUND_PAST_PROXY),
        ("ambient.istio.io/bypass-inbound-capture", "true", Bypass.INBOUND_PAST_PROXY),
        ("ambient.istio.io/dns-capture", "false", Bypass.OUTBOUND_PAST_PROXY),
        ("sidecar.istio.io/interceptionMode", "NONE", Bypass.OUTBOUND_PAST_PROXY),
        ("inject.istio.io/templates", "mine", Bypass.OWN_TEMPLATE),
        ("inject.istio.io/templates", "sidecar,mine", Bypass.OWN_TEMPLATE),
        ("sidecar.istio.io/bootstrapOverride", "mine", Bypass.PROXY_OVERRIDE),
        ("sidecar.istio.io/proxyImage", "example.com/proxy", Bypass.PROXY_OVERRIDE),
        ("sidecar.istio.io/discoveryAddress", "example.com:15012", Bypass.PROXY_OVERRIDE),
        ("sidecar.istio.io/status", "{}", Bypass.PROXY_OVERRIDE),
        ("sidecar.istio.io/userVolumeMount", "[]", Bypass.PROXY_OVERRIDE),
        ("proxy.istio.io/overrides", "{}", Bypass.PROXY_OVERRIDE),
        ("proxy.istio.io/config", "interceptionMode: NONE", Bypass.PROXY_OVERRIDE),
        ("proxy.istio.io/config", '{"discoveryAddress": "example.com:15012"}', Bypass.PROXY_OVERRIDE),
        ("proxy.istio.io/config", "proxyMetadata: {A: b}", Bypass.PROXY_OVERRIDE),
        ("proxy.istio.io/config", "[broken", Bypass.UNKNOWN),
        ("proxy.istio.io/config", "7", Bypass.UNKNOWN),
        ("sidecar.istio.io/somethingNew", "x", Bypass.UNKNOWN),
    ],
    ids=str,
)
def test_annotations_that_weaken_a_proxy(name, value, kind):
    assert found(deployment(annotations={name: value})) == [(kind, f"metadata.annotations.{name}")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("traffic.sidecar.istio.io/excludeOutboundPorts", ""),
        ("traffic.sidecar.istio.io/includeInboundPorts", "*"),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges", "*"),
        ("sidecar.istio.io/interceptionMode", "TPROXY"),
        ("inject.istio.io/templates", "sidecar"),
        ("proxy.istio.io/config", "holdApplicationUntilProxyStarts: true\nconcurrency: 2"),
        ("proxy.istio.io/config", "interceptionMode: REDIRECT"),
        ("proxy.istio.io/config", ""),
        ("sidecar.istio.io/proxyCPU", "10m"),
        ("ambient.istio.io/bypass-inbound-capture", "false"),
        ("ambient.istio.io/dns-capture", "true"),
        ("example.com/notistio.io", "x"),
    ],
    ids=str,
)
def test_annotations_that_weaken_nothing(name, value):
    assert found(deployment(annotations={name: value})) == []


def test_a_value_that_only_a_deployment_knows_is_taken_for_a_bad_one():
    body = deployment(annotations={"traffic.sidecar.istio.io/excludeOutboundPorts": object()})
    assert [kind for kind, _ in found(body)] == [Bypass.OUTBOUND_PAST_PROXY]


@pytest.mark.parametrize(
    ("body", "space", "kind", "path"),
    [
        (deployment(), namespace(other="x"), Bypass.OUTSIDE_MESH, "metadata.labels"),
        (
            deployment(labels={"sidecar.istio.io/inject": "false"}),
            None,
            Bypass.INJECTION_OFF,
            "metadata.labels.sidecar.istio.io/inject",
        ),
        (
            deployment(annotations={"sidecar.istio.io/inject": "false"}),
            None,
            Bypass.INJECTION_OFF,
            "metadata.annotations.sidecar.istio.io/inject",
        ),
        (deployment(hostNetwork=True), None, Bypass.HOST_NETWORK, "spec.hostNetwork"),
    ],
    ids=["no label", "label of the pod", "annotation of the pod", "node's network"],
)
def test_a_pod_without_a_proxy_says_why(body, space, kind, path):
    assert found(body, space=space) == [(kind, path)]


def test_a_namespace_that_switches_injection_off_is_found_with_its_pods():
    space = namespace(istio_injection="disabled")
    kinds = [kind for kind, _ in found(deployment(), space=space)]
    assert kinds == [Bypass.INJECTION_OFF, Bypass.INJECTION_OFF]


def test_a_gateways_template_takes_no_traffic_of_other_containers():
    gateway = {"inject.istio.io/templates": "gateway"}
    proxy = {"name": "istio-proxy", "image": "auto", "securityContext": HARD | {"runAsUser": 1337, "runAsGroup": 1337}}
    assert found(deployment(proxy, annotations=gateway)) == []
    assert found(deployment(proxy, container(), annotations=gateway)) == [
        (Bypass.OWN_TEMPLATE, "spec.containers[1]"),
    ]


@pytest.mark.parametrize(
    ("context", "kind", "path"),
    [
        (HARD | {"runAsUser": 1337}, Bypass.PROXY_USER, "runAsUser"),
        (HARD | {"runAsGroup": 1337}, Bypass.PROXY_GROUP, "runAsGroup"),
        (HARD | {"runAsUser": ...}, Bypass.PROXY_USER, "runAsUser"),
        (HARD | {"capabilities": {"add": ["CHOWN", "NET_ADMIN"]}}, Bypass.CHANGES_NETWORK, "capabilities.add[1]"),
        (HARD | {"capabilities": {"add": ["ALL"]}}, Bypass.CHANGES_NETWORK, "capabilities.add[0]"),
        (HARD | {"privileged": True}, Bypass.CHANGES_NETWORK, "privileged"),
        ({}, Bypass.USER_UNSET, "runAsUser"),
    ],
    ids=str,
)
@pytest.mark.parametrize("field", ["containers", "initContainers"])
def test_containers_that_can_pass_for_the_proxy(field, context, kind, path):
    body = deployment(**{field: [container(), container("bad", context)]})
    assert found(body) == [(kind, f"spec.{field}[1].securityContext.{path}")]


def test_the_proxys_user_for_the_whole_pod_is_found_at_the_pod():
    context = {key: value for key, value in HARD.items() if key != "runAsUser"}
    body = deployment(container(context=context), securityContext={"runAsUser": 1337})
    assert found(body) == [(Bypass.PROXY_USER, "spec.securityContext.runAsUser")]


@pytest.mark.parametrize("field", ["command", "args", "env", "volumeMounts", "image"])
def test_a_proxy_of_ones_own_making_is_found(field):
    proxy = {"name": "istio-proxy", "image": "auto", "securityContext": HARD} | {field: "x"}
    assert found(deployment(container(), proxy)) == [(Bypass.PROXY_OVERRIDE, f"spec.containers[1].{field}")]


def test_a_container_called_like_the_proxys_helper_is_any_container():
    """A name is no proof of who made a container: only the proxy's own user is left to the proxy."""
    helper = container("istio-init", HARD | {"capabilities": {"add": ["NET_ADMIN"]}})
    assert [kind for kind, _ in found(deployment(initContainers=[helper]))] == [Bypass.CHANGES_NETWORK]


def test_processes_that_are_shared_are_found():
    assert found(deployment(shareProcessNamespace=True)) == [(Bypass.SEES_PROXY, "spec.shareProcessNamespace")]


@pytest.mark.parametrize(("group", "kind"), PROXY_OBJECTS)
def test_objects_that_change_proxies_are_found(group, kind):
    body = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": "x", "namespace": "acme"}, "spec": {}}
    assert found(body) == [(Bypass.PROXY_OBJECT, "")]


SPANS = {"providers": [{"name": "spans"}]}


def telemetry(**spec):
    metadata = {"name": "log", "namespace": "acme"}
    return {"apiVersion": "telemetry.istio.io/v1", "kind": "Telemetry", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    "logging",
    [
        {},
        {"providers": [{"name": "envoy"}], "filter": {"expression": "response.code >= 400"}},
        {"disabled": True, "match": {"mode": "SERVER"}},
    ],
)
def test_what_a_proxy_writes_into_its_own_log_is_the_tenants(logging):
    assert found(telemetry(accessLogging=[logging])) == []


@pytest.mark.parametrize(
    "tracing",
    [
        SPANS,
        {**SPANS, "randomSamplingPercentage": 50, "customTags": {"tenant": {"literal": {"value": "acme"}}}},
        {**SPANS, "customTags": {"http.url": {"formatter": {"value": "%REQ(:AUTHORITY)%%PATH(NQ:ORIG_OR_PATH)%"}}}},
        {**SPANS, "customTags": {"user": {"header": {"name": "x-user"}}, "team": {"literal": {"value": "blue"}}}},
        {"disableSpanReporting": True},
    ],
)
def test_spans_in_its_own_name_to_a_collector_of_the_mesh_are_the_tenants(tracing):
    assert found(telemetry(accessLogging=[{}], tracing=[tracing])) == []


def test_a_collector_that_the_mesh_does_not_name_is_found():
    spans = telemetry(tracing=[SPANS])
    assert found(spans, mesh=MeshSettings(providers=("spans",), assumed=False)) == []
    assert found(spans, mesh=MeshSettings(assumed=False)) == [(Bypass.PROXY_OBJECT, "")]


@pytest.mark.parametrize(
    "spec",
    [
        {"accessLogging": []},
        {"accessLogging": [{"providers": [{"name": "elsewhere"}]}]},
        {"accessLogging": [{}, {"providers": [{"name": "envoy"}, {"name": "elsewhere"}]}]},
        {"accessLogging": [{"somethingNew": True}]},
        {"accessLogging": [{}], "tracing": [{}]},
        {"accessLogging": [{}], "metrics": [{"providers": [{"name": "prometheus"}]}]},
        {"tracing": []},
        {"tracing": [{}]},
        {"tracing": [{**SPANS, "somethingNew": True}]},
        {"tracing": [{**SPANS, "customTags": {"tenant": {"literal": {"value": "globex"}}}}]},
        {"tracing": [{**SPANS, "customTags": {"tenant": {"header": {"name": "x-tenant"}}}}]},
        {"tracing": [{**SPANS, "customTags": {"tenant": {"formatter": {"value": "%REQ(X-TENANT)%"}}}}]},
        {"tracing": [{**SPANS, "customTags": {"key": {"environment": {"name": "KEY"}}}}]},
        {"tracing": [{**SPANS, "customTags": {"key": {"formatter": {"value": "%ENVIRONMENT(KEY)%"}}}}]},
    ],
)
def test_what_a_telemetry_sends_elsewhere_is_found(spec):
    assert found(telemetry(**spec)) == [(Bypass.PROXY_OBJECT, "")]


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("istio.io/dataplane-mode", "none", Bypass.AMBIENT_OFF),
        ("istio.io/use-waypoint", "none", Bypass.WAYPOINT_OFF),
        ("security.istio.io/tlsMode", "disabled", Bypass.PLAIN_TEXT),
    ],
)
def test_labels_that_switch_ambient_and_mutual_tls_off(name, value, kind):
    place = f"metadata.labels.{name}"
    assert found(deployment(labels={name: value})) == [(kind, place)]
    assert found(service(labels={name: value})) == [(kind, place)]
    space = namespace()
    space["metadata"]["labels"][name] = value
    assert found(space=space) == [(kind, place)]


def test_an_annotation_that_is_not_known_is_unknown():
    name = "sidecar.istio.io/somethingNew"
    (fact,) = Bypasses(cluster(namespace(), deployment(annotations={name: "x"}))).of("acme")
    assert fact.unknown


def test_a_bare_pod_is_looked_at_too():
    assert found(pod(shareProcessNamespace=True)) == [(Bypass.SEES_PROXY, "spec.shareProcessNamespace")]
