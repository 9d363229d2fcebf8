"""What a provider does with objects, whether they go to a cluster or to files."""

from typing import Protocol

from tenantmesh.engine.provider import Created, Found
from tenantmesh.engine.providers.kubernetes.target import Target
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.engine.values import Properties


class Lifecycle(Protocol):
    """The life of objects in one place."""

    def namespace(self) -> str:
        """Where objects without a namespace go."""
        ...

    def salt(self) -> str:
        """What makes a generated name unlike others."""
        ...

    def is_served_namespaced(self, kind: Kind, /) -> bool | None:
        """Whether `kind` lives in namespaces, or None when that can't be found out here."""
        ...

    def preview_create(self, target: Target, /) -> Created:
        """The object as it would be made."""
        ...

    def create(self, target: Target, /) -> Created:
        """Make the object."""
        ...

    def preview_update(self, target: Target, outputs: Properties, /) -> Created:
        """The object as it would be changed."""
        ...

    def update(self, target: Target, outputs: Properties, /) -> Created:
        """Change the object."""
        ...

    def read(self, target: Target, identifier: str, outputs: Properties, /) -> Found | None:
        """The object as it is."""
        ...

    def delete(self, target: Target, identifier: str, outputs: Properties, /) -> None:
        """Remove the object."""
        ...

    def locate(self, target: Target, /) -> str | None:
        """The id of what a crashed create has left."""
        ...

    def is_reachable(self) -> bool:
        """Whether the place answers at all."""
        ...

    def is_ready(self, target: Target, /) -> bool:
        """Whether the live object is ready; also when that can't be found out."""
        ...
