"""What an edge or a fence of one tenant is shown by, with its names exchanged for those of a tenant that is like it."""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.checks.context import Context
from tenantmesh.checks.outcome import Outcome
from tenantmesh.checks.proof import Shown
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Evidence, LayerVerdict, Verdict
from tenantmesh.manifest import ManifestObject, ObjectKey


class Proven(Struct, frozen=True):
    """A tenant that is proven by itself, and its names, which correspond to those of the tenants like it in order."""

    outcome: Outcome
    names: tuple[str, ...]


Pick = Callable[[Proven], Shown]
"""Finds the same thing for each of several tenants that are alike."""


class Exchange:
    """Takes over what the first of two proven tenants is shown by, where the same exchange gives what the second is."""

    def __init__(self, context: Context, first: Proven, second: Proven) -> None:
        self._first, self._second = first, second
        self._objects = _Objects(context.cluster)
        self._split = re.compile(rf"(?<![A-Za-z0-9])({_any_of(first.names)})(?![A-Za-z0-9])").split
        self._texts: dict[str, tuple[str | int, ...]] = {}
        self._known: dict[tuple[object, ...], bool] = {}

    def shown(self, key: tuple[object, ...], pick: Pick, names: tuple[str, ...]) -> Shown | None:
        """What `pick`, which `key` tells from others, finds for a tenant of these names; None where that isn't sure."""
        if not self._tells(names):
            return None
        if key not in self._known:
            second = self._exchanged(pick(self._first), self._second.names)
            self._known[key] = second == pick(self._second)
        return self._exchanged(pick(self._first), names) if self._known[key] else None

    def _tells(self, names: tuple[str, ...]) -> bool:
        """Whether the second tenant shows of each word of the first's names if it is one: it is then another word."""
        here = zip(names, self._first.names, self._second.names, strict=True)
        return all(first != second or name == first for name, first, second in here)

    def _exchanged(self, shown: Shown, names: tuple[str, ...]) -> Shown | None:
        try:
            objects = [self._object(one, names) for one in shown.objects]
            verdict = self._verdict(shown.verdict, names) if shown.verdict else None
        except KeyError:
            return None
        return Shown(self._text(shown.witness, names), verdict, tuple(sorted(objects, key=_key)))

    def _verdict(self, verdict: Verdict, names: tuple[str, ...]) -> Verdict:
        return Verdict(tuple(self._layer(one, names) for one in verdict.layers))

    def _layer(self, layer: LayerVerdict, names: tuple[str, ...]) -> LayerVerdict:
        return LayerVerdict(
            layer.layer,
            layer.answer,
            self._text(layer.reason, names),
            tuple(self._evidence(one, names) for one in layer.evidence),
            self._text(layer.change, names),
        )

    def _evidence(self, one: Evidence, names: tuple[str, ...]) -> Evidence:
        made = self._object(one.object, names) if one.object else None
        return Evidence(one.effect, self._text(one.reason, names), made, self._text(one.path, names))

    def _object(self, one: ManifestObject, names: tuple[str, ...]) -> ManifestObject:
        """The object of the exchanged name. Raises KeyError where there is none."""
        key = one.key
        namespace, name = self._text(key.namespace, names), self._text(key.name, names)
        if (namespace, name) == (key.namespace, key.name):
            return one
        return self._objects.found(replace(key, namespace=namespace, name=name))

    def _text(self, text: str, names: tuple[str, ...]) -> str:
        parts = self._texts.get(text)
        if parts is None:
            places = {name: place for place, name in enumerate(self._first.names)}
            parts = self._texts[text] = tuple(
                places[part] if at % 2 else part for at, part in enumerate(self._split(text))
            )
        return "".join(names[part] if isinstance(part, int) else part for part in parts)


class _Objects:
    """The objects of a cluster by name, kind by kind and namespace by namespace as somebody asks."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._named: dict[tuple[str, str, str], Mapping[str, ManifestObject]] = {}

    def found(self, key: ObjectKey) -> ManifestObject:
        """The object of that key. Raises KeyError when there is none."""
        place = (key.api_version, key.kind, key.namespace)
        named = self._named.get(place)
        if named is None:
            group = key.api_version.rpartition("/")[0]
            here = self._cluster.objects(group, key.kind).get(key.namespace, ())
            named = self._named[place] = {
                each.name: one for one in here if (each := one.key).api_version == key.api_version
            }
        return named[key.name]


def _any_of(names: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _key(one: ManifestObject) -> ObjectKey:
    return one.key
