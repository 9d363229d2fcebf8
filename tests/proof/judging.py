"""What becomes of a mutation: the API server refuses it, the proof sees it, or it survives."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from tenantmesh.checks.proof import Proof
from tenantmesh.errors import BodyError, TenantmeshError
from tenantmesh.graph.defaults import with_defaults
from tenantmesh.manifest import ManifestObject
from tenantmesh.schema import check_body
from tests.proof.mutations import Mutation, mutations
from tests.proof.refusals import is_refused
from tests.proof.subjects import SUBJECTS, Subject, read


class Fate(StrEnum):
    """SAME is what the server stores anyway, REFUSED what it never does; SURVIVED left the proof as it was."""

    SAME = "same"
    REFUSED = "refused"
    KILLED = "killed"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One mutation and its fate."""

    subject: str
    mutation: Mutation
    fate: Fate

    def __str__(self) -> str:
        return f"{self.subject}: {self.mutation}"


@cache
def judged() -> tuple[Judged, ...]:
    """Every mutation of every subject, judged once."""
    return tuple(one for subject in SUBJECTS for one in _judged(subject))


def outline(proof: Proof) -> Hashable:
    """All that a proof says, apart from the witnesses that it says it with."""
    return (
        proof.tenants,
        proof.shared,
        frozenset((one.rule.id, one.tenants, one.message) for one in proof.findings),
        frozenset(
            (one.source, one.destination, one.ports, one.layers, one.open, one.declared, one.reason, one.paths)
            for one in proof.matrix
        ),
        frozenset((one.tenants, one.reason) for one in proof.unproven),
        tuple((one.tenant, *(layer.answer for layer in one.shown.verdict.layers)) for one in proof.fences),
        proof.assumptions,
    )


def _judged(subject: Subject) -> Iterator[Judged]:
    whole = {one.key: one for one in read(subject.program).manifest}
    before = outline(subject.proof(whole.values()))
    for one in subject.mutated():
        others = [kept for key, kept in whole.items() if key != one.key]
        for mutation in mutations(one, subject.other):
            yield Judged(subject=subject.name, mutation=mutation, fate=_fate(subject, mutation, others, before))


def _fate(subject: Subject, mutation: Mutation, others: Sequence[ManifestObject], before: Hashable) -> Fate:
    made = others
    if mutation.body is not None:
        try:
            check_body(mutation.body)
        except BodyError:
            return Fate.REFUSED
        if is_refused(mutation.body):
            return Fate.REFUSED
        mutant = ManifestObject(body=mutation.body, source=mutation.original.source)
        if with_defaults(mutant).body == with_defaults(mutation.original).body:
            return Fate.SAME
        made = [*others, mutant]
    try:
        after = outline(subject.proof(made))
    except TenantmeshError:
        return Fate.KILLED
    return Fate.SURVIVED if after == before else Fate.KILLED
