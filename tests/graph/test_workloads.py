"""Objects stand for pods, and pods take part in the mesh, by the rules of Kubernetes and of Istio's webhooks."""

import pytest

from tenantmesh.graph.flow import ContainerPort, Proxy
from tenantmesh.graph.workloads import TEMPLATES, proxy
from tests.graph.pods import cluster, container, deployment, namespace, pod

INJECT, REVISION, MODE = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode"
ENABLED = {"istio-injection": "enabled"}
GATEWAY = {"inject.istio.io/templates": "gateway"}


def only(*bodies):
    (found,) = cluster(*bodies).workloads["acme"]
    return found


@pytest.mark.parametrize(
    ("labels", "annotations", "space", "wanted"),
    [
        ({}, {}, {}, Proxy.NONE),
        ({}, {}, ENABLED, Proxy.SIDECAR),
        ({}, {}, {"istio-injection": "disabled"}, Proxy.NONE),
        ({}, {}, {REVISION: "canary"}, Proxy.SIDECAR),
        ({REVISION: "canary"}, {}, {}, Proxy.SIDECAR),
        ({REVISION: "canary"}, {}, {"istio-injection": "disabled"}, Proxy.NONE),
        ({INJECT: "true"}, {}, {}, Proxy.SIDECAR),
        ({INJECT: "true"}, {}, {"istio-injection": "disabled"}, Proxy.NONE),
        ({INJECT: "true"}, {}, {"istio-injection": "other"}, Proxy.NONE),
        ({INJECT: "yes"}, {}, {}, Proxy.NONE),
        ({INJECT: "yes"}, {}, ENABLED, Proxy.SIDECAR),
        ({INJECT: "false"}, {}, ENABLED, Proxy.NONE),
        ({INJECT: "off"}, {}, ENABLED, Proxy.NONE),
        ({INJECT: "false"}, {INJECT: "true"}, ENABLED, Proxy.NONE),
        ({INJECT: "true"}, {INJECT: "false"}, ENABLED, Proxy.SIDECAR),
        ({}, {INJECT: "true"}, {}, Proxy.NONE),
        ({}, {INJECT: "false"}, ENABLED, Proxy.NONE),
        ({}, {INJECT: "nonsense"}, {REVISION: "canary"}, Proxy.NONE),
        ({}, {}, ENABLED | {"kubernetes.io/metadata.name": "kube-system"}, Proxy.NONE),
        ({INJECT: "true"}, GATEWAY, {}, Proxy.GATEWAY),
        ({INJECT: "true"}, {"inject.istio.io/templates": "sidecar, gateway"}, {}, Proxy.GATEWAY),
        ({}, GATEWAY, {}, Proxy.NONE),
        ({}, {}, {MODE: "ambient"}, Proxy.AMBIENT),
        ({MODE: "ambient"}, {}, {}, Proxy.AMBIENT),
        ({MODE: "none"}, {}, {MODE: "ambient"}, Proxy.NONE),
        ({}, {}, ENABLED | {MODE: "ambient"}, Proxy.SIDECAR),
        ({INJECT: "false"}, {}, ENABLED | {MODE: "ambient"}, Proxy.AMBIENT),
    ],
)
def test_a_proxy_comes_as_the_webhooks_and_ambient_have_it(labels, annotations, space, wanted):
    assert proxy(labels, annotations, space, host_network=False) is wanted


def test_pods_of_the_hosts_network_have_no_proxy():
    space = {**ENABLED, MODE: "ambient"}
    assert proxy({INJECT: "true"}, {}, space, host_network=True) is Proxy.NONE
    assert only(namespace(), deployment(hostNetwork=True)).proxy is Proxy.NONE


@pytest.mark.parametrize("kind", sorted(TEMPLATES), ids=lambda kind: kind[1])
def test_every_kind_with_pods_stands_for_those_of_its_template(kind):
    group, name = kind
    inner = {"metadata": {"labels": {"app": "web"}}, "spec": {"serviceAccountName": "robot", "containers": []}}
    spec = {"template": inner}
    if name == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    api_version = f"{group}/v1" if group else "v1"
    body = {"apiVersion": api_version, "kind": name, "metadata": {"name": "web", "namespace": "acme"}, "spec": spec}
    if name == "Pod":
        body |= {"metadata": inner["metadata"] | body["metadata"], "spec": inner["spec"]}
    found = only(namespace(), body)
    assert (found.name, found.labels, found.service_account) == ("web", {"app": "web"}, "robot")


def test_the_older_name_of_the_account_counts_where_the_newer_is_absent():
    assert only(namespace(), deployment(serviceAccount="robot")).service_account == "robot"
    assert only(namespace(), deployment()).service_account == "default"


def test_the_ports_are_those_of_all_containers_that_stay():
    def with_port(name, number, **fields):
        return container(name, ports=[{"containerPort": number, "name": name}], **fields)

    lasting = with_port("lasting", 3, restartPolicy="Always")
    found = only(namespace(), deployment(with_port("a", 1), initContainers=[with_port("setup", 2), lasting]))
    assert found.ports == (ContainerPort(number=1, name="a"), ContainerPort(number=3, name="lasting"))


def test_a_live_pod_has_its_addresses_and_a_controllers_status_gives_none():
    live = pod() | {"status": {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}, {}]}}
    assert only(namespace(), live).addresses == ("10.0.0.1", "fd00::1")
    assert only(namespace(), deployment() | {"status": {"podIPs": [{"ip": "10.0.0.1"}]}}).addresses == ()
