"""A name that only one tenant may have, and the object by which a tenant has it."""

from msgspec import Struct

from tenantmesh.checks.finding import Rule
from tenantmesh.manifest import ManifestObject


class Claim(Struct, frozen=True, kw_only=True):
    """That `tenant` has `name` by `object`, of which `rule` says that nobody else may have it.

    Names that begin with `*.` claim all that is under them, and `*` claims all. `what` says what the name is, for a
    message, in which it is `shown`. Two `private` claims do not meet: nobody but its tenant sees either.
    """

    rule: Rule
    what: str
    name: str
    tenant: str
    object: ManifestObject
    shown: str = ""
    private: bool = False

    def __str__(self) -> str:
        return f"{self.what} {self.shown or self.name}"
