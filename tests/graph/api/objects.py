"""RBAC objects in few words."""

from tenantmesh.graph.api import ApiLayer, Resource, Subject, SubjectKind
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject

GROUP = "rbac.authorization.k8s.io"


def rule(verbs="get", resources="pods", groups="", names=None):
    """Words are separated by blanks; `groups` is one group or a list."""
    found = {
        "verbs": verbs.split(),
        "resources": resources.split(),
        "apiGroups": groups if isinstance(groups, list) else [groups],
    }
    return found if names is None else found | {"resourceNames": names}


def url_rule(*urls, verbs="get"):
    return {"verbs": verbs.split(), "nonResourceURLs": list(urls)}


def role(namespace, name, *rules):
    return _body("Role", namespace, name) | {"rules": list(rules)}


def cluster_role(name, *rules, labels=None, aggregates=None):
    body = _body("ClusterRole", "", name) | {"rules": list(rules)}
    body["metadata"]["labels"] = labels or {}
    return body if aggregates is None else body | {"aggregationRule": {"clusterRoleSelectors": aggregates}}


def binding(namespace, name, to, *subjects, kind="Role"):
    """A RoleBinding, or a ClusterRoleBinding (to a ClusterRole) without a namespace."""
    reference = {"apiGroup": GROUP, "kind": kind if namespace else "ClusterRole", "name": to}
    body = _body("RoleBinding" if namespace else "ClusterRoleBinding", namespace, name)
    return body | {"roleRef": reference, "subjects": [_written(one) for one in subjects]}


def user(name, *groups):
    return Subject(kind=SubjectKind.USER, name=name, groups=groups)


def group(name):
    return Subject(kind=SubjectKind.GROUP, name=name)


def account(namespace, name):
    return Subject(kind=SubjectKind.SERVICE_ACCOUNT, name=name, namespace=namespace)


def resource(kind, namespace="", *, group="", name=""):
    return Resource(resource=kind, group=group, namespace=namespace, name=name)


def layer(*bodies):
    return ApiLayer(Cluster(Manifest.of(ManifestObject(body=body) for body in bodies)))


def _body(kind, namespace, name):
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata}


def _written(subject):
    entry = {"kind": subject.kind.value, "name": subject.name}
    if subject.kind is SubjectKind.SERVICE_ACCOUNT:
        return entry | {"namespace": subject.namespace} if subject.namespace else entry
    return entry | {"apiGroup": GROUP}
