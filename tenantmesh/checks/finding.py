"""What a rule found, and how bad it is."""

from enum import StrEnum

from msgspec import Struct

from tenantmesh.graph.verdict import Evidence
from tenantmesh.manifest import ManifestObject


class Severity(StrEnum):
    """How bad a finding is: an error breaks isolation, a warning weakens it, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Rule(Struct, frozen=True, kw_only=True):
    """One thing that has to hold. `id` is kebab-case and stays; `title` is one sentence that says what holds.

    `why` says what an attacker gains when it doesn't hold, `fix` what to change in general, `sources` where it is
    written (addresses of specifications and advisories). The page in `docs/rules/` is made of these.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    sources: tuple[str, ...] = ()


class Finding(Struct, frozen=True, kw_only=True):
    """One breach of one rule.

    `tenants` are those it touches, in order; `objects` are to be changed, the decisive one first; `witness` is one
    concrete flow, request or API call; `message` says what is wrong here, `fix` what to change here.
    """

    rule: Rule
    tenants: tuple[str, ...]
    objects: tuple[ManifestObject, ...]
    witness: str
    message: str
    fix: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def severity(self) -> Severity:
        """The rule's."""
        return self.rule.severity

    def path_in(self, one: ManifestObject) -> str:
        """The part of one of the objects that the finding is about; "" for the whole of it."""
        return next((each.path for each in self.evidence if each.object is one), "")

    @property
    def order(self) -> tuple[str, ...]:
        """What findings are sorted by: worst first, then rule, tenants, objects, witness."""
        rank = str(list(Severity).index(self.severity))
        objects = [str(one.key) for one in self.objects]
        return (rank, self.rule.id, *self.tenants, *objects, self.witness, self.message)
