"""One resource with what its operations need to know of it."""

from msgspec import Struct

from tenantmesh.engine.provider import Resource
from tenantmesh.engine.providers.kubernetes.bodies import Body, identifier, name_of, namespace_of, to_body
from tenantmesh.engine.providers.kubernetes.tokens import Kind, is_patch, object_kind
from tenantmesh.engine.values import Properties


class Target(Struct, frozen=True, kw_only=True):
    """A resource, the kind of its object and the object that its inputs describe."""

    resource: Resource
    kind: Kind
    patch: bool
    inputs: Properties
    body: Body

    @property
    def title(self) -> str:
        """The object in an error: `ConfigMap shop/settings`."""
        return f"{self.kind.kind} {self.id}"

    @property
    def id(self) -> str:
        """The id that the object has in Pulumi's state."""
        return identifier(namespace_of(self.body), name_of(self.body))


def target_of(resource: Resource, inputs: Properties) -> Target:
    """The target that `inputs` describe; `apiVersion` and `kind` come from the type where they are left out."""
    kind = object_kind(resource.type, inputs)
    body = {**to_body(inputs), "apiVersion": kind.api_version, "kind": kind.kind}
    return Target(resource=resource, kind=kind, patch=is_patch(resource.type, kind), inputs=inputs, body=body)
