"""Who one is, and what one may do, is what the client certificate and RBAC say."""

import http.client
import ssl
from pathlib import Path

import pytest
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Namespace, Node

from tenantmesh.cluster.api import Api
from tenantmesh.errors import ClusterError

pytestmark = pytest.mark.controlplane

RBAC = "/apis/rbac.authorization.k8s.io/v1"


def client(cluster, folder: Path, user, groups=()):
    pair = cluster.client_certificate(user, groups)
    certificate = folder / "user.crt"
    certificate.write_bytes(pair.certificate)
    certificate.with_suffix(".key").write_bytes(pair.key)
    return Api(
        cluster.record().ports["kube-apiserver"], authority=cluster.layout.pki / "ca.crt", certificate=certificate
    )


def test_the_server_knows_a_certificates_user_and_groups(cluster, tmp_path):
    alice = client(cluster, tmp_path, "alice", ("acme-dev", "acme"))
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = alice.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body).json()
    info = answer["status"]["userInfo"]
    assert info["username"] == "alice"
    assert sorted(info["groups"]) == ["acme", "acme-dev", "system:authenticated"]


def test_a_user_may_do_nothing_until_a_role_says_so(api, cluster, namespace, tmp_path, eventually):
    bob = client(cluster, tmp_path, "bob", ("builders",))
    secrets, maps = (f"/api/v1/namespaces/{namespace}/{kind}" for kind in ("secrets", "configmaps"))
    assert bob.request("GET", maps).status == 403
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]
    role = {"metadata": {"name": "r"}, "rules": rules}
    api.request("POST", f"{RBAC}/namespaces/{namespace}/roles", role).json()
    subject = {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "builders"}
    reference = {"kind": "Role", "apiGroup": "rbac.authorization.k8s.io", "name": "r"}
    binding = {"metadata": {"name": "b"}, "subjects": [subject], "roleRef": reference}
    api.request("POST", f"{RBAC}/namespaces/{namespace}/rolebindings", binding).json()
    eventually(lambda: bob.request("GET", maps).status == 200)
    assert bob.request("GET", secrets).status == 403
    assert bob.request("GET", "/api/v1/namespaces/default/configmaps").status == 403


def test_a_users_certificate_opens_no_etcd(cluster, tmp_path):
    client(cluster, tmp_path, "mallory", ("system:masters",))
    authority = cluster.layout.pki / "etcd-ca.crt"
    etcd = Api(cluster.record().ports["etcd"], authority=authority, certificate=tmp_path / "user.crt")
    with pytest.raises(ClusterError):
        etcd.request("GET", "/health")


def test_nobody_gets_in_without_a_certificate(cluster):
    tls = ssl.create_default_context(cafile=str(cluster.layout.pki / "ca.crt"))
    port = cluster.record().ports["kube-apiserver"]
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=tls)
    connection.request("GET", "/api/v1/namespaces")
    assert connection.getresponse().status == 401
    connection.close()


def test_a_users_kubeconfig_is_private_and_complete(cluster):
    path = cluster.kubeconfig_for("carol@example.com", ("acme",))
    assert path.stat().st_mode & 0o077 == 0
    refusal = pytest.raises(ApiError, match=r"carol@example.com")
    with Client(KubeConfig.from_file(str(path))) as carol, refusal:
        carol.get(Namespace, "default")


def test_the_administrators_kubeconfig_has_all_rights(cluster):
    with Client(KubeConfig.from_file(str(cluster.kubeconfig))) as admin:
        assert len(list(admin.list(Node))) == 3


def test_a_name_that_fits_into_no_certificate_is_refused(cluster):
    with pytest.raises(ClusterError, match="1 to 64 characters"):
        cluster.client_certificate("x" * 65)
