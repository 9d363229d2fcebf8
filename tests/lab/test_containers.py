"""Which program plays a container, and with what."""

import json
from pathlib import Path

from tenantmesh.lab.containers import Containers

PROXY = {
    "name": "istio-proxy",
    "image": "proxyv2",
    "restartPolicy": "Always",
    "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
    "env": [
        {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        {"name": "PROXY_CONFIG", "value": '{"discoveryAddress": "istiod:15012"}'},
    ],
}
CHECK = {"name": "istio-validation", "args": ["istio-iptables", "-p", "15001", "--run-validation", "--skip-rule-apply"]}
APP = {
    "name": "shop",
    "image": "example.com/shop:1.2",
    "ports": [{"containerPort": 8080}, {"containerPort": 8081}],
    "securityContext": {"runAsUser": 1234},
}
ISTIOD = {"name": "discovery", "image": "pilot", "args": ["discovery", "--monitoringAddr=:15014", "--domain", "x"]}


def containers(*, init=(), main=(APP,), images=None):
    return Containers(
        pod={"metadata": {"name": "shop-1", "namespace": "acme"}, "spec": {"initContainers": init, "containers": main}},
        address="10.0.0.7",
        host="10.0.0.1",
        folder=Path("/lab/pods/acme.shop-1"),
        programs=Path("/lab/bin"),
        kubeconfig=Path("/lab/kubeconfig"),
        images=images or {},
    )


def test_sidecars_start_before_the_others_and_checks_do_not_run():
    found = containers(init=(CHECK, PROXY))
    assert [one["name"] for one in found.all] == ["istio-proxy", "shop"]


def test_redirection_does_what_the_check_only_verifies():
    assert containers(init=(CHECK, PROXY)).redirection == ("/lab/bin/agent", "istio-iptables", "-p", "15001")


def test_a_pod_without_a_sidecar_is_not_redirected():
    assert containers().redirection == ()


def test_a_proxy_is_the_agent_with_its_arguments_filled_in_and_the_labs_envoy():
    found = containers(init=(PROXY,)).running(PROXY)
    assert found.command == ("/lab/bin/agent", "proxy", "sidecar", "--domain", "acme.svc.cluster.local")
    assert found.user == 1337
    assert json.loads(found.environment["PROXY_CONFIG"]) == {
        "binaryPath": "/lab/bin/envoy",
        "discoveryAddress": "istiod:15012",
    }


def test_an_application_is_a_stand_in_with_its_image_ports_user_and_name():
    found = containers().running(APP)
    assert found.command == ("/lab/bin/standin", "--image", "example.com/shop:1.2", "--ports", "8080,8081")
    assert (found.user, found.environment["HOSTNAME"]) == (1234, "shop-1")


def test_istiod_listens_on_its_own_address_only():
    found = containers(main=(ISTIOD,)).running(ISTIOD)
    listening = [one.partition("=")[2] for one in found.command if "Addr=" in one]
    assert sorted(listening) == ["", "10.0.0.7:15012", "10.0.0.7:15014", "10.0.0.7:15017", "10.0.0.7:8080"]
    assert "--kubeconfig=/lab/kubeconfig" in found.command
