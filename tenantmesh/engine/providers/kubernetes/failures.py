"""What an API server's refusals mean, and how they are told."""

from collections.abc import Mapping
from typing import Any

from tenantmesh.errors import ProviderError


class ApiError(ProviderError):
    """The API server refused a request: `code` is HTTP's, `reason` and `causes` are those of its Status."""

    def __init__(self, code: int, status: Mapping[str, Any]) -> None:
        self.code = code
        self.reason = str(status.get("reason") or "")
        details = status.get("details") or {}
        self.kind = str(details.get("kind") or "")
        self.causes: tuple[Mapping[str, Any], ...] = tuple(details.get("causes") or ())
        self.answer_was_lost = False
        """An earlier attempt got no answer, so it may have been this request itself that made the object."""
        super().__init__(str(status.get("message") or f"the API server answered with status {code}"))

    @property
    def is_missing(self) -> bool:
        """The object, its namespace or its kind is not there."""
        return self.code == 404

    @property
    def is_missing_namespace(self) -> bool:
        """It is the namespace that is not there."""
        return self.is_missing and self.kind == "namespaces"

    @property
    def is_field_conflict(self) -> bool:
        """Another field manager owns a field that was to be changed."""
        return self.code == 409 and any(cause.get("reason") == "FieldManagerConflict" for cause in self.causes)

    @property
    def is_version_conflict(self) -> bool:
        """The object exists in another version than the request expects."""
        return self.code == 409 and not self.is_field_conflict

    @property
    def required_field(self) -> str:
        """The field that an object can't be without, when that is why it was refused."""
        for cause in self.causes:
            if cause.get("reason") == "FieldValueRequired":
                return str(cause.get("field", ""))
        return ""


class QuotaRaceError(ApiError):
    """The namespace's quota changed each time that the object was counted against it; nothing was written."""

    @property
    def is_version_conflict(self) -> bool:
        """It is the quota that is in another version, not the object."""
        return False


class UnreachableError(ProviderError):
    """The cluster can't be reached; the message says why."""


class MissingKindError(ProviderError):
    """The cluster serves no such kind; the message names the CustomResourceDefinition."""


class ConflictError(ProviderError):
    """Another field manager owns a field; the message says which and what to do."""


def explain_conflict(error: ApiError, manager: str) -> ConflictError:
    """A field conflict with what can be done about it."""
    return ConflictError(
        f"{error}; this stack applies as field manager {manager}. Remove the field from the program, add it to "
        'ignoreChanges, or take it over with the annotation pulumi.com/patchForce: "true"'
    )


class ExistsError(ProviderError):
    """An object that was to be created is there already."""


def explain_existing(where: str) -> ExistsError:
    """The error for an object that is there already, with what can be done about it."""
    return ExistsError(
        f"{where} already exists in the cluster. If it was renamed in the program, give the new one an alias; if it is "
        "to be adopted, import it; to manage only some of its fields, use a Patch resource; if it is to be replaced "
        "under the same name, set deleteBeforeReplace; to apply over it on purpose, set "
        "kubernetes:upsertExistingObjects to true"
    )
