"""A container finds the files of its volumes below the folder that stands for its root."""

import base64
import os

import pytest

from tenantmesh.errors import ClusterError, LabError
from tenantmesh.lab.volumes import Volumes
from tests.lab.apis import FakeApi

BASE = "/api/v1/namespaces/acme"
OBJECTS = {
    f"{BASE}/configmaps/settings": {"data": {"a.conf": "A", "b.conf": "B"}},
    f"{BASE}/secrets/keys": {"data": {"tls.key": base64.b64encode(b"\0key").decode()}},
}


@pytest.fixture
def write(tmp_path):
    api = FakeApi(OBJECTS)

    def write(volume):
        pod = {
            "metadata": {"name": "shop-1", "namespace": "acme", "uid": "u1", "labels": {"b": "2", "a": 'say "1"'}},
            "spec": {"serviceAccountName": "shop", "volumes": [{"name": "v", **volume}]},
        }
        container = {"volumeMounts": [{"name": "v", "mountPath": "/etc/v"}]}
        Volumes(api=api, pod=pod, owner=os.getuid()).write(container, tmp_path)
        folder = tmp_path / "etc" / "v"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    write.api = api
    return write


def test_an_empty_folder(write):
    assert write({"emptyDir": {}}) == {}


def test_an_empty_folder_without_a_body(write):
    """The injected pod has `emptyDir: null`."""
    assert write({"emptyDir": None}) == {}


def test_a_config_map(write):
    assert write({"configMap": {"name": "settings"}}) == {"a.conf": b"A", "b.conf": b"B"}


def test_chosen_keys_of_a_config_map_under_other_paths(write):
    items = [{"key": "b.conf", "path": "deep/b"}]
    assert write({"configMap": {"name": "settings", "items": items}}) == {"deep/b": b"B"}


def test_a_secret_as_bytes_that_only_the_owner_reads(write, tmp_path):
    assert write({"secret": {"secretName": "keys"}}) == {"tls.key": b"\0key"}
    assert (tmp_path / "etc" / "v" / "tls.key").stat().st_mode & 0o777 == 0o600


def test_an_absent_secret_that_is_optional(write):
    assert write({"secret": {"secretName": "none", "optional": True}}) == {}


def test_an_absent_secret_keeps_the_pod_from_starting(write):
    with pytest.raises(ClusterError, match="404"):
        write({"secret": {"secretName": "none"}})


def test_labels_in_the_downward_format(write):
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    assert write({"downwardAPI": {"items": items}}) == {"labels": b'a="say \\"1\\""\nb="2"\n'}


def test_a_token_is_asked_for_the_audience_and_bound_to_the_pod(write):
    token = {"serviceAccountToken": {"path": "token", "audience": "istio-ca", "expirationSeconds": 43200}}
    assert write({"projected": {"sources": [token, {"configMap": {"name": "settings"}}]}}) == {
        "a.conf": b"A",
        "b.conf": b"B",
        "token": b"a token",
    }
    ((path, body),) = write.api.posted
    assert path == f"{BASE}/serviceaccounts/shop/token"
    assert body["spec"] == {
        "audiences": ["istio-ca"],
        "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "shop-1", "uid": "u1"},
        "expirationSeconds": 43200,
    }


def test_a_kind_of_volume_that_the_lab_lacks_is_named(write):
    with pytest.raises(LabError, match="hostPath"):
        write({"hostPath": {"path": "/"}})
