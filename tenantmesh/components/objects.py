"""Any Kubernetes body becomes a Pulumi resource of the Kubernetes provider here, and nowhere else."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import pulumi


class KubernetesObject(pulumi.CustomResource):
    """One object under the type token that the SDK's own class uses, so URNs and state are the same.

    The plain base class takes the body as it is spelled in YAML and costs about a third less than a typed class
    (docs/decisions/plain-objects.md). `metadata` is the object's metadata, `status` what the cluster reports of it.
    """

    metadata: pulumi.Output[Any]
    status: pulumi.Output[Any]

    def __init__(self, name: str, body: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(type_token(body), name, {**body, "status": None}, opts)


def type_token(body: Mapping[str, Any]) -> str:
    """The Kubernetes provider's token for a body: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Secret`."""
    api_version: str = body["apiVersion"]
    group = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group}:{body['kind']}"


def logical_name(owner: str, body: Mapping[str, Any]) -> str:
    """The Pulumi name of a body: `tenant/namespace/name`, or `tenant/name` for an object without a namespace.

    A slash occurs in no Kubernetes name, so two bodies of one kind never get the same one.
    """
    metadata = body["metadata"]
    parts = (owner, metadata.get("namespace", ""), metadata["name"])
    return "/".join(part for part in parts if part)


def register(
    owner: str, bodies: Iterable[Mapping[str, Any]], parent: pulumi.Resource, **options: Any
) -> dict[tuple[str, str, str], KubernetesObject]:
    """Register every body as a child of `parent`; the result is keyed by (kind, namespace, name).

    `bodies` come with namespaces first; every namespaced object waits for its namespace if that is among them.
    `options` are ResourceOptions for all of them, such as `protect`.
    """
    made: dict[tuple[str, str, str], KubernetesObject] = {}
    for body in bodies:
        namespace = body["metadata"].get("namespace", "")
        home = made.get(("Namespace", "", namespace))
        opts = pulumi.ResourceOptions(
            parent=parent, depends_on=[home] if home else None, version=kubernetes_version(), **options
        )
        key = (body["kind"], namespace, body["metadata"]["name"])
        made[key] = KubernetesObject(logical_name(owner, body), body, opts)
    return made


@cache
def kubernetes_version() -> str:
    """The version of the Kubernetes provider that belongs to the installed SDK, as the SDK's own classes ask for it."""
    return version("pulumi-kubernetes")
