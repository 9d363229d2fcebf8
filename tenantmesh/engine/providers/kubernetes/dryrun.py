"""Previews: what the API server would make of an object, without making it."""

from typing import Final

from msgspec import Struct

from tenantmesh.engine.provider import Created
from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.bodies import Body, is_annotated, name_of, namespace_of, to_state
from tenantmesh.engine.providers.kubernetes.discovery import Definitions
from tenantmesh.engine.providers.kubernetes.failures import ApiError, ExistsError, MissingKindError
from tenantmesh.engine.providers.kubernetes.ownership import entries, needs_take_over, without_ignored
from tenantmesh.engine.providers.kubernetes.session import Session
from tenantmesh.engine.providers.kubernetes.target import Target
from tenantmesh.engine.values import has_unknowns

_PATIENCE: Final = 3.0
"""Seconds in which a definition may still be registered: the program's resources come in any order."""
_FORCE: Final = "pulumi.com/patchForce"


class DryRun(Struct, frozen=True, kw_only=True):
    """Asks the server where it can answer; where it can't, the outputs are the inputs, as in the real provider."""

    session: Session
    definitions: Definitions
    force: bool

    def create(self, target: Target, manager: str) -> Created:
        """The object as it would be made. Raises MissingKindError, and ApiError for what the server refuses."""
        objects = self._served(target)
        if objects is None or target.patch or has_unknowns(target.body):
            return _unchanged(target)
        try:
            made = objects.try_create(target.kind, target.body, manager)
        except ExistsError:
            return _unchanged(target)
        except ApiError as error:
            if _is_unanswerable(error):
                return _unchanged(target)
            raise
        metadata = {key: value for key, value in made["metadata"].items() if key != "resourceVersion"}
        # The status is still empty, and a program that reads it would take that for the truth.
        shown = {key: value for key, value in made.items() if key != "status"}
        return _seen(target, {**shown, "metadata": metadata}, manager)

    def update(self, target: Target, manager: str) -> Created:
        """The object as it would be changed. Raises as `create`."""
        objects = self._served(target)
        if objects is None or has_unknowns(target.body):
            return _unchanged(target)
        body = target.body
        live = objects.get(target.kind, namespace_of(body), name_of(body))
        if live is None:
            return _unchanged(target)
        # A real update takes these fields over first, so they are no conflict.
        force = self.force or is_annotated(body, _FORCE) or needs_take_over(live) or not entries(live)
        wanted = without_ignored(body, live, manager, target.resource.ignore_changes)
        try:
            return _seen(target, objects.apply(target.kind, wanted, manager, force=force, dry_run=True), manager)
        except ApiError as error:
            if _is_unanswerable(error):
                return _unchanged(target)
            raise

    def _served(self, target: Target) -> Objects | None:
        """The objects of a cluster that serves the kind, or None when it can't be asked about it."""
        objects = self.session.reachable()
        if objects is None:
            target.resource.status("the cluster is unreachable, so the preview shows the inputs")
            return None
        try:
            objects.endpoint(target.kind)
        except MissingKindError:
            if self.definitions.await_kind(target.kind, _PATIENCE):
                return None
            raise
        return objects


def _unchanged(target: Target) -> Created:
    return Created(id="", outputs=target.inputs)


def _seen(target: Target, made: Body, manager: str) -> Created:
    return Created(id="", outputs=to_state(target.inputs, made, manager))


def _is_unanswerable(error: ApiError) -> bool:
    """What a preview can't know: its namespace is not there yet, or it may not try."""
    no_dry_run = error.code == 400 and "dry run" in str(error).lower()
    return error.is_missing_namespace or error.code == 403 or no_dry_run
