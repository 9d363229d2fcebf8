"""What one namespace says of another, and the grant that two such words make: only what both sides said is meant."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from tenantmesh.manifest import ManifestObject

ALL_PORTS: tuple[int, ...] = ()


class Word(Struct, frozen=True, kw_only=True):
    """That pods of the namespace `caller` may call pods of the namespace `owner`, as one of the two (or both) said it.

    Empty `ports`, `methods`, `paths`, `service_accounts` and `selector` restrict nothing. `ports` are those that the
    pods listen on. `object` is the Namespace that says it; None when it comes from an intent file.
    """

    owner: str
    caller: str
    exports: bool = False
    imports: bool = False
    service: str = ""
    ports: tuple[int, ...] = ALL_PORTS
    methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    selector: Mapping[str, str] = field(default_factory=dict[str, str])
    reason: str = ""
    object: ManifestObject | None = None

    def __str__(self) -> str:
        what = f"{self.owner}/{self.service}" if self.service else f"all of {self.owner}"
        ports = f" on {', '.join(map(str, self.ports))}" if self.ports else ""
        return f"{self.caller} may call {what}{ports}"


Sides = Mapping[str, Mapping[str, Sequence[Word]]]
"""What was said, by the namespace of whoever said it and the other one."""


class Grant(Struct, frozen=True, kw_only=True):
    """What both sides said; `word` holds what both restrict, `objects` are the namespaces that say it."""

    word: Word
    objects: tuple[ManifestObject, ...] = ()

    @property
    def caller(self) -> str:
        """The namespace that may call."""
        return self.word.caller

    @property
    def owner(self) -> str:
        """The namespace that is called."""
        return self.word.owner

    @property
    def reason(self) -> str:
        """Why, in the words of who declared it."""
        return self.word.reason


class Pairing(Struct, frozen=True, kw_only=True):
    """Words that found one another, those that did not, and those whose other side is in no manifest."""

    grants: tuple[Grant, ...]
    halves: tuple[Word, ...]
    abroad: tuple[Word, ...]


def paired(words: Iterable[Word], tenants: Mapping[str, str]) -> Pairing:
    """The grants in `words`; `tenants` gives each namespace its tenant. Within a tenant nothing needs to be said."""
    sides: defaultdict[tuple[str, str, str], list[Word]] = defaultdict(list)
    abroad: list[Word] = []
    for word in words:
        owner, caller = tenants.get(word.owner), tenants.get(word.caller)
        if owner is None or caller is None:
            abroad.append(word)
        elif owner != caller:
            sides[word.caller, word.owner, word.service].append(word)
    grants: list[Grant] = []
    halves: list[Word] = []
    for key in sorted(sides):
        _join(sides[key], grants, halves)
    return Pairing(grants=tuple(grants), halves=tuple(halves), abroad=tuple(abroad))


def _join(words: list[Word], grants: list[Grant], halves: list[Word]) -> None:
    exports, imports = [one for one in words if one.exports], [one for one in words if one.imports]
    for export in exports:
        met = [(one, _both(export.ports, one.ports)) for one in imports]
        found = [(one, ports) for one, ports in met if ports is not None]
        grants += [_grant(export, one, ports) for one, ports in found]
        if _is_more(export.ports, [ports for _, ports in found]):
            halves.append(export)
    for wanted in imports:
        met = [_both(export.ports, wanted.ports) for export in exports]
        if _is_more(wanted.ports, [ports for ports in met if ports is not None]):
            halves.append(wanted)


def _both(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    """The ports of both; None when they share none."""
    if not first or not second:
        return first or second
    return tuple(sorted(set(first) & set(second))) or None


def _is_more(said: tuple[int, ...], answered: list[tuple[int, ...]]) -> bool:
    """Whether the other side left some of the ports that were said unanswered."""
    if not said:
        return ALL_PORTS not in answered
    return ALL_PORTS not in answered and not set(said) <= {port for ports in answered for port in ports}


def _grant(export: Word, wanted: Word, ports: tuple[int, ...]) -> Grant:
    said = [one.object for one in (export, wanted) if one.object is not None]
    objects = {one.key: one for one in said}
    word = Word(
        owner=export.owner,
        caller=export.caller,
        exports=True,
        imports=True,
        service=export.service,
        ports=ports,
        methods=export.methods,
        paths=export.paths,
        service_accounts=export.service_accounts,
        selector=export.selector or wanted.selector,
        reason=export.reason or wanted.reason,
    )
    return Grant(word=word, objects=tuple(objects.values()))
