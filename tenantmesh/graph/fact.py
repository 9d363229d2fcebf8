"""Something that one object says and that may matter to a fence, before anybody asks whether it is meant."""

from enum import StrEnum

from msgspec import Struct

from tenantmesh.graph.flow import Workload
from tenantmesh.graph.verdict import Effect, Evidence
from tenantmesh.manifest import ManifestObject


class Fact(Struct, frozen=True, kw_only=True):
    """One thing at one place of one object.

    `kind` is an `Exposure` or a `Bypass`. `path` is the place, spelled like `spec.containers[0].securityContext`, ""
    for what the object is by its kind alone; `reason` says in plain words what follows from it. `workload` is whose
    pods it is about, None where it is about none. `unknown` says that the field is not understood.
    """

    kind: StrEnum
    namespace: str
    object: ManifestObject | None
    path: str
    reason: str
    workload: Workload | None = None
    unknown: bool = False

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The object and the place."""
        effect = Effect.UNKNOWN if self.unknown else Effect.ALLOWS
        return (Evidence(effect, self.reason, self.object, self.path),)
