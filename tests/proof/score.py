"""The score of the proof: how many mutations it sees, by kind, and what excuses the rest."""

from collections import Counter
from collections.abc import Callable, Iterable

from tests.proof.judging import Fate, Judged
from tests.proof.mutations import Mutation
from tests.proof.redundant import excuse
from tests.proof.subjects import ROOT

PAGE = ROOT / "docs" / "proof-score.md"
_HEAD = """# How sharp the proof is

Every object and field of the dev stack and of the examples `grant` and `project`, what asks for tokens in `tokens`,
what holds to networks in `networks` and what limits ways outside in `login`, is deleted, emptied or widened, one at a
time (of tenants, apps and roles that are alike, one). What the API server or Istio's webhook would refuse, or would
store as it was, is no mutation. The others have to change the proof: a finding, an edge, something unproven, or a
verdict on the fence. Those that don't are listed in `tests/proof/redundant.yaml`, each with the reason why nobody gains
by it; one without fails the tests. Most of what is deleted only opened something, or said what an object is for.

    .venv/bin/python -m tests.proof        writes this page

"""


def survivors(found: Iterable[Judged]) -> list[str]:
    """The mutations that nobody saw and nothing excuses: holes in the rules."""
    return [str(one) for one in found if one.fate is Fate.SURVIVED and excuse(one.mutation) is None]


def page(found: Iterable[Judged]) -> str:
    """The page of the score."""
    items = tuple(found)
    done = _table("what was done", items, _done)
    return f"{_HEAD}{done}\n{_table('kind', items, lambda one: one.kind)}{_reasons(items)}"


def _table(title: str, found: Iterable[Judged], name: Callable[[Mutation], str]) -> str:
    fates: Counter[tuple[str, Fate]] = Counter((name(one.mutation), one.fate) for one in found)
    rows = [(kind, fates[kind, Fate.KILLED], fates[kind, Fate.SURVIVED]) for kind in sorted({one for one, _ in fates})]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    lines = [_row(kind, f"{seen:,}", f"{rest:,}", f"{100 * seen // (seen + rest)} %") for kind, seen, rest in rows]
    return "\n".join((_row(title, "seen", "redundant", "score"), _row(":--", "--:", "--:", "--:"), *lines, ""))


def _done(mutation: Mutation) -> str:
    return {"delete": "deleted", "empty": "emptied"}.get(mutation.how, "widened")


def _reasons(found: Iterable[Judged]) -> str:
    entries = (excuse(one.mutation) for one in found if one.fate is Fate.SURVIVED)
    counted = Counter(entry.reason if entry else "nobody knows: a hole" for entry in entries)
    lines = [
        _row(reason, f"{count:,}") for reason, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]
    head = "\n## Why nothing changes\n"
    return "\n".join((head, _row("reason", "mutations"), _row(":--", "--:"), *lines, ""))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
