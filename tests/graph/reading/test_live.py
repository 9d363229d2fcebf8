"""A live cluster becomes a manifest: paged, tidied, without secrets, and with what it does not show."""

import base64
import json
import uuid

import pytest
import yaml

from tenantmesh.cli.live import Server
from tenantmesh.errors import ManifestError
from tenantmesh.graph.cluster import Cluster, Unread
from tenantmesh.graph.reading import read_cluster
from tenantmesh.graph.reading.secrets import without_secrets
from tenantmesh.graph.trust import Trust
from tenantmesh.graph.trust.certificates import read
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.keys import Pair, secret
from tests.graph.reading.servers import FakeServer, seeing_namespaces


def bodies(count, namespace="acme", **fields):
    return [{"metadata": {"name": f"x{index}", "namespace": namespace}, **fields} for index in range(count)]


def keys(live):
    return [f"{one.key.api_version} {one.key}" for one in live.manifest]


LISTS = {
    "/api/v1/services": bodies(5),
    "/api/v1/events": bodies(1),
    "/apis/networking.k8s.io/v1/networkpolicies": bodies(1),
    "/apis/traefik.io/v1alpha1/ingressroutes": bodies(1),
}
ALL = [
    "networking.k8s.io/v1 NetworkPolicy acme/x0",
    "traefik.io/v1alpha1 IngressRoute acme/x0",
    *(f"v1 Service acme/x{index}" for index in range(5)),
]


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("page", [1, 2, 500])
def test_every_page_of_every_kind_that_matters_is_read(older, page):
    live = read_cluster(FakeServer(LISTS, older=older), page=page)
    assert (keys(live), live.unread) == (ALL, ())


def test_what_opens_nothing_is_not_asked_for_and_of_strangers_only_the_names():
    server = FakeServer(LISTS)
    read_cluster(server)
    accepted = {path: accept for path, _, accept in server.asked}
    assert "/api/v1/events" not in accepted
    assert "PartialObjectMetadataList" in accepted["/apis/traefik.io/v1alpha1/ingressroutes"]
    assert accepted["/api/v1/services"] == "application/json"


def test_a_server_that_forgets_where_it_was_is_asked_for_all_at_once():
    live = read_cluster(FakeServer(LISTS, forgets=True), page=2)
    assert keys(live) == ALL


def test_a_kind_is_read_in_one_version_the_first():
    lists = {"/apis/gateway.networking.k8s.io/v1/gateways": bodies(1)}
    lists["/apis/gateway.networking.k8s.io/v1beta1/gateways"] = bodies(1)
    assert keys(read_cluster(FakeServer(lists))) == ["gateway.networking.k8s.io/v1 Gateway acme/x0"]


def test_what_may_not_be_listed_is_told_and_what_went_away_is_not():
    refused = {"/api/v1/services": 403, "/apis/networking.k8s.io/v1/networkpolicies": 404}
    live = read_cluster(FakeServer(LISTS, refused=refused))
    assert keys(live) == ["traefik.io/v1alpha1 IngressRoute acme/x0"]
    assert live.unread == (Unread("", "Service", "not for you"),)


@pytest.mark.parametrize(
    "server",
    [
        FakeServer(LISTS, stale=["networking.k8s.io"]),
        FakeServer(LISTS, older=True, refused={"/apis/networking.k8s.io/v1": 503}),
    ],
)
def test_an_extension_that_does_not_answer_leaves_its_whole_group_unread(server):
    (unread,) = read_cluster(server).unread
    assert str(unread) == "networking.k8s.io/*"


def test_a_server_that_does_not_tell_what_it_serves_is_an_error():
    with pytest.raises(ManifestError, match="not for you"):
        read_cluster(FakeServer(LISTS, refused={"/apis": 403}))


def test_what_only_the_server_needs_is_left_out():
    (body,) = bodies(1, spec={"a": 1})
    body["metadata"] |= {
        "managedFields": [{}],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "mine": "x"},
    }
    (one,) = read_cluster(FakeServer({"/api/v1/services": [body]})).manifest
    assert one.body == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "x0", "namespace": "acme", "annotations": {"mine": "x"}},
        "spec": {"a": 1},
    }
    assert one.source == ""


PAIR = Pair("acme")
SECRET = secret(
    "acme",
    "tls",
    encoded=True,
    tls_crt=PAIR.crt,
    tls_key=PAIR.key(),
    locked_key=PAIR.key(password=b"sesame"),
    password="open sesame",
    both_pem=PAIR.key() + PAIR.crt,
)


def decoded(body):
    return {name: base64.b64decode(value).decode() for name, value in body["data"].items()}


def test_of_a_secret_nothing_secret_is_kept():
    kept = json.dumps(decoded(without_secrets(SECRET)))
    assert "BEGIN CERTIFICATE" in kept
    assert "open sesame" not in kept
    hidden = {line for pem in (PAIR.key(), decoded(SECRET)["locked.key"]) for line in pem.splitlines()[1:-1]}
    assert hidden
    assert not any(line in kept for line in hidden)


def test_of_a_secret_all_is_kept_by_which_certificates_and_keys_are_told_apart():
    was, kept = decoded(SECRET), decoded(without_secrets(SECRET))
    assert {name: read(text) for name, text in was.items()} == {name: read(text) for name, text in kept.items()}
    assert read(kept["tls.key"]).keys == read(kept["both.pem"]).keys != ()
    assert read(kept["locked.key"]).unread


def test_two_namespaces_that_share_a_key_are_found_without_the_key():
    objects = [without_secrets(secret(space, "tls", encoded=True, tls_key=PAIR.key())) for space in ("acme", "globex")]
    trust = Trust(Cluster(Manifest.of(ManifestObject(body=one) for one in objects)))
    assert [len(one.places) for one in trust.shared_keys] == [2]


@pytest.mark.parametrize("data", [None, [], {"a": None, "b": 1, "c": "%%%", "d.key": ""}])
def test_no_shape_of_a_secret_ends_it(data):
    assert set(without_secrets({"kind": "Secret", "data": data})["data"]) == set(data or ())


def test_a_kubeconfig_that_is_not_there_or_reaches_nobody_is_an_error(tmp_path):
    with pytest.raises(ManifestError, match="can't be read"):
        Server(tmp_path / "none")
    nobody = tmp_path / "kubeconfig"
    name = "x"
    cluster = {"server": "http://127.0.0.1:1"}
    nobody.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": name, "cluster": cluster}],
                "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
                "users": [{"name": name, "user": {"token": "t"}}],
                "current-context": name,
            }
        )
    )
    with pytest.raises(ManifestError, match=r"http://127\.0\.0\.1:1: "):
        read_cluster(Server(nobody))


CRD = {
    "metadata": {"name": "wanderers.strangers.example.com"},
    "spec": {
        "group": "strangers.example.com",
        "scope": "Namespaced",
        "names": {"plural": "wanderers", "kind": "Wanderer"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
CRD_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture(scope="module")
def live(cluster):
    """The real control plane with a namespace of ours, and what was read of it page by page."""
    api = cluster.api()
    name = f"live-{uuid.uuid4().hex[:8]}"
    api.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).json()
    core = f"/api/v1/namespaces/{name}"
    for index in range(5):
        body = {"metadata": {"name": f"web{index}"}, "spec": {"ports": [{"port": 80}]}}
        api.request("POST", f"{core}/services", body).json()
    api.request("POST", f"{core}/secrets", {**SECRET, "metadata": {"name": "tls"}}).json()
    policy = {"metadata": {"name": "p"}, "spec": {"podSelector": {}}}
    api.request("POST", f"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies", policy).json()
    yield name, read_cluster(Server(cluster.kubeconfig), page=2)
    api.request("DELETE", f"/api/v1/namespaces/{name}")


@pytest.mark.controlplane
def test_a_real_cluster_is_read_whole(live):
    name, found = live
    assert found.unread == ()
    ours = {str(one.key): one.body for one in found.manifest if one.key.namespace == name}
    assert {f"Service {name}/web{index}" for index in range(5)} <= set(ours)
    assert ours[f"NetworkPolicy {name}/p"]["spec"]["policyTypes"] == ["Ingress"]
    assert decoded(ours[f"Secret {name}/tls"])["password"] == ""
    kinds = {one.key.kind for one in found.manifest}
    assert {"Namespace", "ClusterRole", "ClusterRoleBinding", "Node", "ServiceAccount"} <= kinds
    assert "managedFields" not in json.dumps([dict(one.body) for one in found.manifest])


@pytest.mark.controlplane
def test_who_may_not_list_a_kind_is_told_so(cluster):
    with seeing_namespaces(cluster) as kubeconfig:
        found = read_cluster(Server(kubeconfig))
    assert {one.key.kind for one in found.manifest} == {"Namespace"}
    assert {"Service", "NetworkPolicy", "Secret"} <= {one.kind for one in found.unread}
    assert "forbidden" in found.unread[0].reason


@pytest.mark.controlplane
def test_a_cluster_without_its_namespaces_is_no_cluster(cluster):
    """Everybody may ask what is served, and nothing else."""
    with pytest.raises(ManifestError, match="does not show its namespaces: namespaces is forbidden"):
        read_cluster(Server(cluster.kubeconfig_for("nobody-at-all")))


@pytest.mark.controlplane
def test_objects_of_strange_kinds_are_there_by_name(live, cluster):
    name, _ = live
    api = cluster.api()
    api.apply(
        f"{CRD_PATH}/{CRD['metadata']['name']}",
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **CRD},
    )
    try:
        path = f"/apis/strangers.example.com/v1/namespaces/{name}/wanderers"
        body = {
            "apiVersion": "strangers.example.com/v1",
            "kind": "Wanderer",
            "metadata": {"name": "w"},
            "spec": {"to": "x"},
        }
        answers = (api.request("POST", path, body) for _ in range(200))
        assert next((one for one in answers if one.status != 404), None) is not None
        (one,) = (one for one in read_cluster(Server(cluster.kubeconfig)).manifest if one.key.kind == "Wanderer")
        assert (one.key.api_version, one.key.namespace, one.body.get("spec")) == (
            "strangers.example.com/v1",
            name,
            None,
        )
    finally:
        api.request("DELETE", f"{CRD_PATH}/{CRD['metadata']['name']}")
