"""The order that a checkpoint must have: providers, parents and dependencies before what refers to them.

The rules are those of VerifyIntegrity in pkg/resource/stack/snapshot/integrity.go; they work on raw records, so that
state which no step touched is checked without being translated.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from tenantmesh.engine.backend.properties import Json

_PROVIDER: Final = "pulumi:providers:"


def problem(records: Sequence[Json]) -> str | None:
    """The first violation, in words, or None when the records are sound."""
    all_urns = {record["urn"] for record in records}
    seen: set[str] = set()
    providers: set[str] = set()
    for record in records:
        urn = record["urn"]
        if record["type"].startswith(_PROVIDER):
            providers.add(f"{urn}::{record.get('id', '')}")
        provider = record.get("provider")
        if provider and provider not in providers and not record.get("pendingReplacement"):
            return f"resource {urn} refers to the unknown provider {provider}"
        for role, other in references(record):
            if other not in seen:
                return f"resource {urn}: its {role} {other} {'comes after it' if other in all_urns else 'is missing'}"
        seen.add(urn)
    live = Counter(record["urn"] for record in records if not record.get("delete"))
    twice = next((urn for urn, count in live.items() if count > 1), None)
    return f"resource {twice} is there twice" if twice else None


def references(record: Json) -> Iterator[tuple[str, str]]:
    """Every other resource that `record` names, with the role it has."""
    if record.get("parent"):
        yield "parent", record["parent"]
    for other in record.get("dependencies") or ():
        yield "dependency", other
    for others in (record.get("propertyDependencies") or {}).values():
        for other in others or ():
            yield "property dependency", other
    if record.get("deletedWith"):
        yield "deletedWith", record["deletedWith"]


def ordered(records: Sequence[Json]) -> list[Json]:
    """The records with everything that they refer to before them, otherwise in the order in which they are."""
    if problem(records) is None:
        return list(records)
    places: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        places.setdefault(record["urn"], []).append(place)
    result: list[Json] = []
    done: set[int] = set()
    for start in range(len(records)):
        _emit(start, records, places, done, result)
    return result


def _emit(
    start: int, records: Sequence[Json], places: dict[str, list[int]], done: set[int], result: list[Json]
) -> None:
    """Append what `start` needs and then `start` itself; a loop instead of recursion, as chains may be long."""
    stack = [(start, False)]
    open_: set[int] = set()
    while stack:
        place, needs_are_done = stack.pop()
        if place in done:
            continue
        if needs_are_done:
            done.add(place)
            result.append(records[place])
            continue
        if place in open_:
            continue
        open_.add(place)
        stack.append((place, True))
        stack.extend((other, False) for other in reversed(_needs(records[place], places)) if other not in open_)


def _needs(record: Json, places: dict[str, list[int]]) -> list[int]:
    urns = [other for _, other in references(record)]
    if record.get("provider"):
        urns.insert(0, record["provider"].rpartition("::")[0])
    return [place for urn in urns for place in places.get(urn, ())]


def without_dangling(record: Json, known: set[str]) -> Json:
    """`record` without dependencies on resources that no longer exist, as `pulumi state repair` leaves it."""
    if all(other in known for role, other in references(record) if role != "parent"):
        return record
    properties = record.get("propertyDependencies") or {}
    changes: Json = {
        "dependencies": [other for other in record.get("dependencies") or () if other in known],
        "propertyDependencies": {key: [o for o in others or () if o in known] for key, others in properties.items()},
        "deletedWith": record["deletedWith"] if record.get("deletedWith") in known else "",
    }
    result = {key: changes.get(key, value) for key, value in record.items()}
    return {key: value for key, value in result.items() if value or key not in changes}
