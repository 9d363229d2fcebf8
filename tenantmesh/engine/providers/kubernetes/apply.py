"""Creating, changing and reading objects by server-side apply."""

import time
from typing import Final

from tenantmesh.engine.provider import Status
from tenantmesh.engine.providers.kubernetes.bodies import Body, name_of, namespace_of, pick
from tenantmesh.engine.providers.kubernetes.client import Client
from tenantmesh.engine.providers.kubernetes.discovery import Discovery, Endpoint
from tenantmesh.engine.providers.kubernetes.failures import (
    ApiError,
    MissingKindError,
    explain_conflict,
    explain_existing,
)
from tenantmesh.engine.providers.kubernetes.missing import missing_kind
from tenantmesh.engine.providers.kubernetes.ownership import is_applied_by, is_made_by, needs_take_over, taken_over
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_APPLY: Final = "application/apply-patch+yaml"
_NEVER_A_VERSION: Final = "1"
"""No object has this resource version, so an apply that asks for it creates an object and never changes one."""
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between attempts to create what another resource may just be making room for."""


class Objects:
    """The objects of one cluster."""

    def __init__(self, client: Client, discovery: Discovery) -> None:
        self.client = client
        self.discovery = discovery

    def endpoint(self, kind: Kind) -> Endpoint:
        """Where `kind` is served. Raises MissingKindError."""
        found = self.discovery.find(kind)
        if found is None:
            raise missing_kind(kind, self.discovery.versions(kind.group))
        return found

    def get(self, kind: Kind, namespace: str, name: str) -> Body | None:
        """The live object, or None when it is not there."""
        try:
            return self.client.request("GET", self.endpoint(kind).path(namespace, name))
        except ApiError as error:
            if error.is_missing:
                return None
            raise

    def listed(self, kind: Kind, namespace: str, labels: str = "") -> list[Body]:
        """The live objects in a namespace, with a label selector."""
        query = {"labelSelector": labels} if labels else None
        return self.client.request("GET", self.endpoint(kind).collection(namespace), query=query).get("items", [])

    def apply(self, kind: Kind, body: Body, manager: str, *, force: bool = False, dry_run: bool = False) -> Body:
        """The object after `body` was applied; the server creates it when it is not there."""
        query = {"fieldManager": manager, "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        endpoint = self.endpoint(kind)
        path = endpoint.path(namespace_of(body), name_of(body))
        try:
            return self.client.request("PATCH", path, query=query, body=endpoint.fit(body), media=_APPLY)
        except ApiError as error:
            if error.is_field_conflict:
                raise explain_conflict(error, manager) from error
            raise

    def create(self, kind: Kind, body: Body, manager: str) -> Body:
        """The new object. Raises ExistsError when one of this name exists already."""
        return self._create(kind, body, manager, dry_run=False)

    def try_create(self, kind: Kind, body: Body, manager: str) -> Body:
        """What `create` would make, without making it."""
        return self._create(kind, body, manager, dry_run=True)

    def _create(self, kind: Kind, body: Body, manager: str, *, dry_run: bool) -> Body:
        metadata = {**body["metadata"], "resourceVersion": _NEVER_A_VERSION}
        try:
            # Forced, so that an object that exists is told by its version and not by its fields' owners.
            return self.apply(kind, {**body, "metadata": metadata}, manager, force=True, dry_run=dry_run)
        except ApiError as error:
            if not error.is_version_conflict:
                raise
            if error.answer_was_lost and self._is_mine(kind, body, manager):
                return self.apply(kind, body, manager)
            where = f"{kind.kind} {namespace_of(body)}/{name_of(body)}".replace(" /", " ")
            raise explain_existing(where) from error

    def _is_mine(self, kind: Kind, body: Body, manager: str) -> bool:
        live = self.get(kind, namespace_of(body), name_of(body))
        return live is not None and is_made_by(live, body, manager)

    def create_patiently(self, kind: Kind, body: Body, manager: str, status: Status) -> Body:
        """`create`, again for a while when the namespace or the kind is not there yet."""
        for pause in _PAUSES:
            try:
                return self.create(kind, body, manager)
            except (ApiError, MissingKindError) as error:
                if isinstance(error, ApiError) and not error.is_missing:
                    raise
                status(f"waiting to create it: {error}")
                time.sleep(pause)
        return self.create(kind, body, manager)

    def take_over(self, kind: Kind, live: Body, manager: str) -> Body:
        """Give `manager` the fields of the managers that it takes over from."""
        if not needs_take_over(live):
            return live
        patch = [
            {"op": "replace", "path": "/metadata/managedFields", "value": taken_over(live, manager)},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": pick(live, "metadata", "resourceVersion")},
        ]
        path = self.endpoint(kind).path(namespace_of(live), name_of(live))
        return self.client.request("PATCH", path, body=patch, media="application/json-patch+json")

    def relinquish(self, kind: Kind, live: Body, manager: str) -> None:
        """Give up all fields that `manager` owns, by applying nothing but the object's identity."""
        if is_applied_by(live, manager):
            namespace = {"namespace": namespace_of(live)} if namespace_of(live) else {}
            identity = {"name": name_of(live), **namespace}
            self.apply(kind, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": identity}, manager)

    def delete(self, kind: Kind, namespace: str, name: str, propagation: str) -> Body | None:
        """Begin to delete; the object as it is being deleted, or None when it is gone."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        try:
            answer = self.client.request("DELETE", self.endpoint(kind).path(namespace, name), body=options)
        except MissingKindError:
            return None
        except ApiError as error:
            if error.is_missing:
                return None
            # A namespace that is being emptied refuses a second request to delete it.
            if not error.is_version_conflict:
                raise
            return self.get(kind, namespace, name)
        return None if answer.get("kind") == "Status" else answer
