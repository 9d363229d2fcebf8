"""Many small requests to a real API server: a few threads, each with one connection that stays open."""

import http.client
import json
import queue
import ssl
from concurrent.futures import ThreadPoolExecutor

from tenantmesh.graph.api import Subject

RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_THREADS = 8
_PLURALS = {
    "Role": "roles",
    "ClusterRole": "clusterroles",
    "RoleBinding": "rolebindings",
    "ClusterRoleBinding": "clusterrolebindings",
}


class Server:
    """The administrator's client; close it by `with`."""

    def __init__(self, cluster) -> None:
        pki = cluster.layout.pki
        tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        port = cluster.record().ports["kube-apiserver"]
        self._free = queue.SimpleQueue()
        self._all = [http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=tls) for _ in range(_THREADS)]
        for one in self._all:
            self._free.put(one)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._all:
            one.close()

    def send(self, method, path, body=None, headers=None):
        """Status and JSON of one answer."""
        connection = self._free.get()
        try:
            kind = "application/apply-patch+yaml" if method == "PATCH" else "application/json"
            connection.request(method, path, json.dumps(body), {"Content-Type": kind, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            self._free.put(connection)

    def send_as(self, subject: Subject, method, path, body):
        """The same, but as somebody else."""
        return self.send(method, path, body, {"Impersonate-User": subject.username})

    def all(self, call, many):
        """`call` of each, in order, some at a time."""
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(call, many))

    def make(self, bodies):
        for status, answer in self.all(lambda body: self.send("POST", place(body), body), bodies):
            assert status == http.HTTPStatus.CREATED, answer

    def review(self, subject: Subject, verb, target) -> bool:
        """What SubjectAccessReview says; the groups that an authenticator implies are told, as it would."""
        spec = {"user": subject.username, "groups": list(subject.memberships)}
        if isinstance(target, str):
            spec["nonResourceAttributes"] = {"path": target, "verb": verb}
        else:
            kind, _, subresource = target.resource.partition("/")
            asked = {"verb": verb, "group": target.group, "resource": kind, "subresource": subresource}
            spec["resourceAttributes"] = asked | {"namespace": target.namespace, "name": target.name}
        status, answer = self.send("POST", REVIEWS, {"spec": spec})
        assert status == http.HTTPStatus.CREATED, answer
        return answer["status"]["allowed"]


def place(body):
    """Where objects of this one's kind are made."""
    namespace = body["metadata"].get("namespace")
    plural = _PLURALS[body["kind"]]
    return f"{RBAC}/namespaces/{namespace}/{plural}" if namespace else f"{RBAC}/{plural}"
