"""Objects that are written to files, or nowhere at all, without a cluster."""

from msgspec import Struct

from tenantmesh.engine.provider import Ambient, Created, Found
from tenantmesh.engine.providers.kubernetes.bodies import from_state, to_state
from tenantmesh.engine.providers.kubernetes.managers import manager_of
from tenantmesh.engine.providers.kubernetes.render import Files, remove, write
from tenantmesh.engine.providers.kubernetes.target import Target
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError


class Rendered(Struct, frozen=True, kw_only=True):
    """Objects as their inputs say; `files` None writes nothing."""

    ambient: Ambient
    files: Files | None
    default_namespace: str

    def namespace(self) -> str:
        """The namespace of the configuration, or `default`."""
        return self.default_namespace

    def salt(self) -> str:
        """Nothing: the same program renders the same files."""
        return ""

    def is_served_namespaced(self, kind: Kind) -> bool | None:
        """Unknown without a cluster."""
        del kind
        return None

    def preview_create(self, target: Target) -> Created:
        """The inputs."""
        return Created(id="", outputs=target.inputs)

    def create(self, target: Target) -> Created:
        """Write the file."""
        return self._written(target, {})

    def preview_update(self, target: Target, outputs: Properties) -> Created:
        """The inputs, as they will be remembered."""
        return Created(id="", outputs=self._state(target, outputs))

    def update(self, target: Target, outputs: Properties) -> Created:
        """Write the file again."""
        return self._written(target, outputs)

    def read(self, target: Target, identifier: str, outputs: Properties) -> Found | None:
        """What is remembered; an object that is not remembered can't be read."""
        if not outputs:
            raise ProviderError(
                f"{target.kind.kind} {identifier} can't be read: objects are rendered, no cluster is used"
            )
        return Found(id=identifier, outputs=outputs, inputs=target.inputs)

    def delete(self, target: Target, identifier: str, outputs: Properties) -> None:
        """Remove the file."""
        del identifier  # The file's place follows from the object.
        if self.files is not None:
            remove(self.files, {**target.body, **from_state(outputs)})

    def locate(self, target: Target) -> str | None:
        """The id of the object if its file is there."""
        exists = self.files is not None and self.files.path(target.body).is_file()
        return target.id if exists else None

    def is_reachable(self) -> bool:
        """Files always are."""
        return True

    def is_ready(self, target: Target) -> bool:
        """A file is always ready."""
        del target
        return True

    def _written(self, target: Target, outputs: Properties) -> Created:
        if self.files is not None:
            secrets = target.resource.secret_inputs
            write(self.files, target.body, secrets, include_secrets=self.ambient.render_secrets)
        return Created(id=target.id, outputs=self._state(target, outputs))

    def _state(self, target: Target, outputs: Properties) -> Properties:
        manager = manager_of(target.resource, target.inputs, outputs, ambient=self.ambient, patch=target.patch)
        return to_state(target.inputs, target.body, manager)
