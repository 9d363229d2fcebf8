"""Objects that live in a cluster."""

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from tenantmesh.engine.provider import Ambient, Created, Found, InitFailedError
from tenantmesh.engine.providers.kubernetes.apply import Objects
from tenantmesh.engine.providers.kubernetes.awaiting import (
    NotReadyError,
    Rule,
    await_deletion,
    await_ready,
    check_ready,
    deletion_timeout,
    rule_for,
    timeout_for,
)
from tenantmesh.engine.providers.kubernetes.bodies import (
    FIELD_MANAGER,
    INITIAL_API_VERSION,
    Body,
    identifier,
    is_annotated,
    name_of,
    namespace_of,
    split_identifier,
    text,
    to_state,
)
from tenantmesh.engine.providers.kubernetes.deleting import propagation, skips_deletion
from tenantmesh.engine.providers.kubernetes.discovery import Definitions
from tenantmesh.engine.providers.kubernetes.dryrun import DryRun
from tenantmesh.engine.providers.kubernetes.failures import (
    ApiError,
    ConflictError,
    MissingKindError,
    UnreachableError,
)
from tenantmesh.engine.providers.kubernetes.importing import inputs_from
from tenantmesh.engine.providers.kubernetes.managers import manager_of
from tenantmesh.engine.providers.kubernetes.ownership import is_made_by, without_ignored
from tenantmesh.engine.providers.kubernetes.session import Session
from tenantmesh.engine.providers.kubernetes.settings import Settings
from tenantmesh.engine.providers.kubernetes.target import Target
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProviderError

_FORCE: Final = "pulumi.com/patchForce"
_ATTEMPTS: Final = 3


class Clustered(Struct, frozen=True, kw_only=True):
    """The objects of one cluster."""

    session: Session
    settings: Settings
    ambient: Ambient
    definitions: Definitions

    def namespace(self) -> str:
        """The namespace of the configuration or of the kubeconfig's context."""
        return self.session.namespace()

    def salt(self) -> str:
        """A random text: an old object may still have the name."""
        return secrets.token_hex(8)

    def is_served_namespaced(self, kind: Kind) -> bool | None:
        """What the cluster says of the kind, if it can be asked."""
        objects = self.session.reachable()
        endpoint = objects.discovery.find(kind) if objects else None
        return endpoint.namespaced if endpoint else None

    def preview_create(self, target: Target) -> Created:
        """The server's dry run, where it can answer."""
        with _told(target):
            return self._dry_run().create(target, self._manager(target, {}))

    def preview_update(self, target: Target, outputs: Properties) -> Created:
        """The server's dry run, where it can answer."""
        with _told(target):
            return self._dry_run().update(target, self._manager(target, outputs))

    def create(self, target: Target) -> Created:
        """Apply the object, which must not exist, and wait for it."""
        objects, manager = self.session.objects(), self._manager(target, {})
        with _told(target):
            if target.patch or self.settings.upsert:
                live = objects.apply(target.kind, target.body, manager, force=self._forces(target.body))
            else:
                live = objects.create_patiently(target.kind, target.body, manager, target.resource.status)
        return self._awaited(objects, target, live, manager)

    def update(self, target: Target, outputs: Properties) -> Created:
        """Apply the new inputs and wait for the object."""
        objects, manager = self.session.objects(), self._manager(target, outputs)
        with _told(target):
            live = self._applied(objects, target, manager)
        former = text(outputs, FIELD_MANAGER)
        if former and former != manager:
            with _told(target):
                objects.relinquish(target.kind, live, former)
        return self._awaited(objects, target, live, manager)

    def read(self, target: Target, where: str, outputs: Properties) -> Found | None:
        """The live object, or None; an unreachable cluster is an error unless the settings say otherwise."""
        objects = self.session.reachable()
        if objects is None:
            return self._unread(target, where, outputs)
        namespace, name = self._place(target, where)
        with _told(target):
            try:
                live = objects.get(target.kind, namespace, name)
            except MissingKindError:
                live = None
        if live is None:
            return None
        asked = target.inputs
        inputs = inputs_from(target.kind, live, asked)
        manager = self._manager(target, outputs)
        found = Found(
            id=where, outputs=to_state(inputs, live, manager, text(outputs, INITIAL_API_VERSION)), inputs=inputs
        )
        rule = self._rule(target) if asked else None
        if rule is not None:
            self._checked(objects, target, live, rule, found)
        return found

    def delete(self, target: Target, where: str, outputs: Properties) -> None:
        """Delete the object and wait until it is gone; a Patch gives its fields back."""
        objects = self.session.reachable()
        if objects is None:
            self._forget_or_raise()
            return
        namespace, name = self._place(target, where)
        with _told(target):
            if target.patch:
                self._relinquish(objects, target, namespace, name, self._manager(target, outputs))
                return
            rest = objects.delete(target.kind, namespace, name, propagation(target.body))
            if rest is None or skips_deletion(target.kind, target.body):
                return
            seconds = deletion_timeout(target.body, target.resource.timeout)
            await_deletion(objects, target.kind, rest, seconds=seconds, status=target.resource.status)

    def locate(self, target: Target) -> str | None:
        """The id of the object if this stack's manager made it."""
        objects = self.session.objects()
        try:
            live = objects.get(target.kind, namespace_of(target.body), name_of(target.body))
        except MissingKindError:
            return None
        mine = live is not None and is_made_by(live, target.body, self._manager(target, {}))
        return identifier(namespace_of(live), name_of(live)) if mine else None

    def is_reachable(self) -> bool:
        """Whether the cluster answers."""
        return self.session.reachable() is not None

    def is_ready(self, target: Target) -> bool:
        """Whether the object is ready now."""
        objects, rule = self.session.reachable(), self._rule(target)
        if objects is None or rule is None:
            return True
        live = objects.get(target.kind, namespace_of(target.body), name_of(target.body))
        try:
            check_ready(objects, target.kind, live or target.body, rule)
        except NotReadyError:
            return False
        return True

    def _place(self, target: Target, where: str) -> tuple[str, str]:
        """Namespace and name; an id that people wrote for an import may lack the namespace."""
        namespace, name = split_identifier(where)
        return namespace or namespace_of(target.body) or self.namespace(), name

    def _dry_run(self) -> DryRun:
        return DryRun(session=self.session, definitions=self.definitions, force=self.settings.patch_force)

    def _manager(self, target: Target, outputs: Properties) -> str:
        return manager_of(target.resource, target.inputs, outputs, ambient=self.ambient, patch=target.patch)

    def _forces(self, body: Body) -> bool:
        return self.settings.patch_force or is_annotated(body, _FORCE)

    def _rule(self, target: Target) -> Rule | None:
        every_kind = self.ambient.environment.get("PULUMI_K8S_AWAIT_ALL") == "true"
        return rule_for(target.kind, target.body, every_kind=every_kind)

    def _applied(self, objects: Objects, target: Target, manager: str) -> Body:
        body = target.body
        for attempt in range(_ATTEMPTS):
            live = objects.get(target.kind, namespace_of(body), name_of(body))
            if live is None:
                raise ProviderError(f"{target.title} is gone from the cluster; refresh the stack to make it anew")
            try:
                if not target.patch:
                    live = objects.take_over(target.kind, live, manager)
                wanted = without_ignored(body, live, manager, target.resource.ignore_changes)
                return objects.apply(target.kind, wanted, manager, force=self._forces(body))
            except ApiError as error:
                # Somebody else wrote between our read and our write of the managed fields.
                if attempt == _ATTEMPTS - 1 or not error.is_version_conflict:
                    raise
        raise AssertionError("the loop returns or raises")

    def _awaited(self, objects: Objects, target: Target, live: Body, manager: str) -> Created:
        def created(seen: Body) -> Created:
            where = identifier(namespace_of(seen), name_of(seen))
            return Created(id=where, outputs=to_state(target.inputs, seen, manager, text(target.body, "apiVersion")))

        rule = self._rule(target)
        if rule is None:
            return created(live)
        seconds = timeout_for(rule, target.body, target.resource.timeout)
        try:
            return created(
                await_ready(objects, target.kind, live, rule, seconds=seconds, status=target.resource.status)
            )
        except NotReadyError as error:
            raise InitFailedError(created(error.live), error.reasons) from error

    def _checked(self, objects: Objects, target: Target, live: Body, rule: Rule, found: Found) -> None:
        try:
            check_ready(objects, target.kind, live, rule)
        except NotReadyError as error:
            raise InitFailedError(found, error.reasons, found.inputs) from error

    def _unread(self, target: Target, where: str, outputs: Properties) -> Found | None:
        if self.settings.skip_update_unreachable and outputs and not self.settings.delete_unreachable:
            return Found(id=where, outputs=outputs, inputs=target.inputs)
        self._forget_or_raise()
        return None

    def _forget_or_raise(self) -> None:
        """An unreachable cluster's objects are forgotten only on request: it may be back in a minute."""
        if self.settings.delete_unreachable:
            return
        try:
            self.session.objects()
        except UnreachableError as error:
            raise UnreachableError(
                f"{error}; if it is gone for good, PULUMI_K8S_DELETE_UNREACHABLE=true forgets what was in it"
            ) from error

    def _relinquish(self, objects: Objects, target: Target, namespace: str, name: str, manager: str) -> None:
        try:
            live = objects.get(target.kind, namespace, name)
            if live is not None:
                objects.relinquish(target.kind, live, manager)
        except MissingKindError:
            return
        except ApiError as error:
            if not error.required_field:
                raise
            raise ProviderError(
                f"{target.title}: the Patch owns {error.required_field}, which the object can't be without; set "
                "retainOnDelete, or let another manager own the field first"
            ) from error


@contextmanager
def _told(target: Target) -> Generator[None]:
    """Refusals of the server get the object's name before them."""
    try:
        yield
    except (ApiError, ConflictError) as error:
        raise ProviderError(f"{target.title}: {error}") from error
