"""Any Kubernetes body becomes a Pulumi resource of the Kubernetes provider here, and nowhere else."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pulumi
from msgspec import Struct

from tenantmesh.manifest import Body, ObjectKey
from tenantmesh.spec.names import logical_name

Objects = dict[ObjectKey, "KubernetesObject"]

_MADE_BY_KUBERNETES = ("ServiceAccount", "default")
_ORDER = {"Namespace": 0, "ProxyConfig": 1, "ResourceQuota": 2, "ServiceAccount": 2, "Role": 2, "RoleBinding": 3}
_LAST = 4
_RBAC = "rbac.authorization.k8s.io/v1"


class KubernetesObject(pulumi.CustomResource):
    """One object under the type token that the SDK's own class uses, so URNs and state are the same.

    The plain base class takes the body as it is spelled in YAML and costs about a third less than a typed class
    (docs/decisions/plain-objects.md). `metadata` and, where the kind has it, `spec` are what the cluster has; so is the
    `status` of a Service. Others are not asked for theirs, which would cost 3 % and is read by nobody.
    """

    if TYPE_CHECKING:  # The SDK works out what is annotated at run time anew for each object: 4 % of a preview.
        metadata: pulumi.Output[Any]
        spec: pulumi.Output[Any]
        status: pulumi.Output[Any]

    def __init__(self, name: str, body: Body, opts: pulumi.ResourceOptions) -> None:
        asked: dict[str, Any] = {"status": None} if body["kind"] == "Service" else {}
        super().__init__(type_token(body), name, {**body, **asked}, opts)


class Keeping(Struct, frozen=True, kw_only=True):
    """What keeps namespaces, and all that is in them, from being deleted by accident."""

    protect: bool = False
    retain: bool = False


def type_token(body: Body) -> str:
    """The Kubernetes provider's token for a body: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Secret`.

    What Kubernetes itself makes in every namespace is patched: the provider refuses to create what is there already.
    """
    api_version: str = body["apiVersion"]
    group = api_version if "/" in api_version else f"core/{api_version}"
    patch = "Patch" if (body["kind"], body["metadata"]["name"]) == _MADE_BY_KUBERNETES else ""
    return f"kubernetes:{group}:{body['kind']}{patch}"


def register(
    owner: str,
    bodies: Iterable[Body],
    parent: pulumi.Resource,
    *,
    homes: Mapping[str, pulumi.Resource] | None = None,
    keeping: Keeping | None = None,
) -> Objects:
    """Register every body as a child of `parent`; the result is by key.

    `owner` is the first part of the logical names. An object waits for its namespace, which is among `bodies` or in
    `homes`, and for what proxies start with there. A Deployment waits for the service account of its pods, without
    which none would be made, and for what that one may do: istiod remembers for a minute that a gateway may not read
    its Secrets, and tells it nothing of them afterwards. A RoleBinding waits for its Role, without which only an
    administrator may make it, and a Service that a quota counts for that one, which may have to grow for it. `keeping`
    is for the namespaces among `bodies`.
    """
    kept = keeping or Keeping()
    known = dict(homes or {})
    made: Objects = {}
    for body in sorted(bodies, key=lambda body: _ORDER.get(body["kind"], _LAST)):
        key = ObjectKey.of(body)
        options = pulumi.ResourceOptions(parent=parent, version=kubernetes_version())
        if key.kind == "Namespace":
            options.protect, options.retain_on_delete = kept.protect or None, kept.retain or None
        elif key.kind == "Deployment":
            options.depends_on = _running(key, body, made)
        elif key.namespace in known:
            options.depends_on = [known[key.namespace], *_granting(key, body, made), *_counting(key, body, made)]
        made[key] = KubernetesObject(logical_name(owner, key.name, key.namespace), body, options)
        known |= home_of(key, made[key])
    return made


def home_of(key: ObjectKey, made: pulumi.Resource) -> dict[str, pulumi.Resource]:
    """The namespace that is ready for objects when `made` is there: itself, or the one that has got its ProxyConfig."""
    named = {"Namespace": key.name, "ProxyConfig": key.namespace}
    return {named[key.kind]: made} if key.kind in named else {}


def _running(key: ObjectKey, deployment: Body, made: Objects) -> list[pulumi.Resource]:
    """The service account of its pods, and the binding of that one's name, which gives it rights of its own."""
    name = deployment["spec"]["template"]["spec"]["serviceAccountName"]
    rights = made.get(ObjectKey(_RBAC, "RoleBinding", key.namespace, name))
    account = made[ObjectKey("v1", "ServiceAccount", key.namespace, name)]
    return [account] if rights is None else [account, rights]


def _granting(key: ObjectKey, body: Body, made: Objects) -> list[pulumi.Resource]:
    """The Role that a RoleBinding is of; a ClusterRole is nobody's here."""
    if key.kind != "RoleBinding":
        return []
    role = made.get(ObjectKey(_RBAC, body["roleRef"]["kind"], key.namespace, body["roleRef"]["name"]))
    return [] if role is None else [role]


def _counting(key: ObjectKey, body: Body, made: Objects) -> list[pulumi.Resource]:
    """The quotas that count a Service with a load balancer or node ports: the API server refuses it without room."""
    if key.kind != "Service" or body["spec"].get("type", "ClusterIP") == "ClusterIP":
        return []
    return [one for other, one in made.items() if (other.kind, other.namespace) == ("ResourceQuota", key.namespace)]


@cache
def kubernetes_version() -> str:
    """The version of the Kubernetes provider that belongs to the installed SDK, as the SDK's own classes ask for it."""
    return version("pulumi-kubernetes")
