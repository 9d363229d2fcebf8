"""What the examples of traffic claim, looked up in the objects that they make."""

import json

import pytest

from tests.examples.programs import objects, objects_of


def shares(found):
    """What is left by the rules before, in the mesh: version and percent."""
    *_, rest = found.spec("VirtualService", "kitchen")["http"]
    return {one["destination"]["subset"]: one["weight"] for one in rest["route"]}


@pytest.mark.parametrize(
    ("canary", "expected"), [("0", {"v1": 100}), ("25", {"v1": 75, "v2": 25}), ("100", {"v2": 100})]
)
def test_the_canary_is_one_number_of_the_configuration(canary, expected):
    assert shares(objects_of("traffic", {"canary": canary}, None)) == expected


def test_testers_see_the_new_version_first():
    for name in ("kitchen", "kitchen--diner-example-com"):
        first, *_ = objects("traffic").spec("VirtualService", name)["http"]
        assert all(match["headers"] == {"x-tester": {}} for match in first["match"])
        assert [one["destination"]["subset"] for one in first["route"]] == ["v2"]


def test_what_is_slow_or_fails_is_given_up_and_left_out():
    *_, rest = objects("traffic").spec("VirtualService", "kitchen")["http"]
    assert (rest["timeout"], rest["retries"]["perTryTimeout"]) == ("5s", "2s")
    policy = objects("traffic").spec("DestinationRule", "kitchen")["trafficPolicy"]
    assert policy["connectionPool"]["http"] == {"http1MaxPendingRequests": 100, "http2MaxRequests": 200}
    assert policy["outlierDetection"]["maxEjectionPercent"] == 50


def test_tcp_asks_at_each_name_for_another_certificate():
    found = objects("tcp")
    servers = {
        server["hosts"][0]: server["tls"]
        for body in found.bodies("Gateway")
        for server in body["spec"]["servers"]
        if body["metadata"]["name"] != "harbor-ingress"
    }
    assert {host: tls["mode"] for host, tls in servers.items()} == {
        "harbor/db.harbor.example.com": "MUTUAL",
        "harbor/queue.harbor.example.com": "MUTUAL",
        "harbor/vault.harbor.example.com": "PASSTHROUGH",
    }
    assert servers["harbor/db.harbor.example.com"]["subjectAltNames"] == ["backup.clients.harbor.example.com"]
    assert servers["harbor/queue.harbor.example.com"]["credentialName"] == "partners-tls"


def test_tcp_declares_what_differs():
    (namespace,) = objects("tcp").bodies("Namespace")
    doors = json.loads(namespace["metadata"]["annotations"]["tenantmesh.dev/doors"])
    assert {host: door["tls"] for door in doors for host in door["hosts"]} == {
        "*.harbor.example.com": "mutual",
        "harbor.example.com": "mutual",
        "queue.harbor.example.com": "mutual",
        "vault.harbor.example.com": "passthrough",
    }
