"""What the page's script draws: edges that are there, never cells, and each text that repeats only once."""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from tenantmesh.checks.differences.difference import Difference, ObjectChange
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import EVERY_TENANT, OUTSIDE, Edge, Proof, Unproven
from tenantmesh.graph.reading import place_of
from tenantmesh.graph.verdict import LayerVerdict, Verdict
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.cells import MEANING, States, ports
from tenantmesh.report.changes import portions, subject, values
from tenantmesh.report.undecided import untold
from tenantmesh.report.wording import difference_line, label, outcome, proof_line

Data = dict[str, Any]


class _Pool:
    """Values that are kept once; the mask says in which sides (1 before, 2 after) each is."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self.values: list[Any] = []
        self.sides: list[int] = []

    def add(self, value: Any, side: int = 0) -> int:
        """The number of `value`, which is now in `side` too."""
        key = value if isinstance(value, str) else json.dumps(value)
        index = self._index.setdefault(key, len(self.values))
        if index == len(self.values):
            self.values.append(value)
            self.sides.append(0)
        self.sides[index] |= side
        return index


class Model:
    """Collects one side after the other."""

    def __init__(self, proofs: Sequence[Proof]) -> None:
        self._nodes = {name: index for index, name in enumerate(_nodes(proofs))}
        self._tenants = len({name for proof in proofs for name in proof.tenants})
        self._texts, self._objects, self._verdicts = _Pool(), _Pool(), _Pool()
        self._edges, self._fences, self._findings = _Pool(), _Pool(), _Pool()
        self._unproven, self._assumptions = _Pool(), _Pool()
        # By the objects themselves, which the proofs keep alive: they are asked for again and again.
        self._placed: dict[tuple[int, str], int] = {}

    def add(self, proof: Proof, side: int) -> None:
        """Take all of one proof."""
        states = States(proof)
        for edge in proof.matrix:
            self._edges.add(self._edge(edge, states), side)
        for fence in proof.fences:
            if fence.tenant in self._nodes:
                entry = [
                    self._nodes[fence.tenant],
                    self._texts.add(fence.shown.witness),
                    self._verdict(fence.shown.verdict),
                ]
                self._fences.add(entry, side)
        for finding in proof.findings:
            self._findings.add(self._finding(finding), side)
        for finding in proof.exempted:
            self._findings.add(self._finding(finding) | {"exempted": True}, side)
        for one in untold(proof):
            self._unproven.add(self._undecided(one), side)
        for text in proof.assumptions:
            self._assumptions.add(text, side)

    def document(self) -> Data:
        """All that was collected, as the script reads it."""
        return {
            "meaning": MEANING,
            "nodes": list(self._nodes),
            "tenants": self._tenants,
            "texts": self._texts.values,
            "objects": self._objects.values,
            "verdicts": self._verdicts.values,
            "edges": [one | {"sides": side} for one, side in _sided(self._edges)],
            "fences": [[*one, side] for one, side in _sided(self._fences)],
            "findings": [one | {"sides": side} for one, side in _sided(self._findings)],
            "unproven": [one | {"sides": side} for one, side in _sided(self._unproven)],
            "assumptions": [[one, side] for one, side in _sided(self._assumptions)],
        }

    def _edge(self, edge: Edge, states: States) -> Data:
        entry: Data = {
            "from": self._nodes[edge.source],
            "to": self._nodes[edge.destination],
            "state": states[edge].value,
            "ports": self._texts.add(ports(edge)),
            "layers": self._texts.add(", ".join(edge.layers)),
        }
        more: Data = {
            "reason": self._texts.add(edge.reason) if edge.reason else None,
            "witness": self._texts.add(edge.shown.witness) if edge.shown.witness else None,
            "objects": [self._object(one) for one in edge.shown.objects] or None,
            "verdict": self._verdict(edge.shown.verdict) if edge.shown.verdict else None,
        }
        return entry | {key: value for key, value in more.items() if value is not None}

    def _verdict(self, verdict: Verdict | None) -> int:
        return self._verdicts.add([self._layer(one) for one in verdict.layers] if verdict else [])

    def _layer(self, layer: LayerVerdict) -> list[Any]:
        evidence = [
            [
                one.effect.value,
                self._texts.add(one.reason),
                self._object(one.object) if one.object else -1,
                self._texts.add(one.path),
            ]
            for one in layer.evidence
        ]
        texts = self._texts.add(layer.reason), self._texts.add(layer.change)
        return [layer.layer.value, layer.answer.value, *texts, evidence]

    def _object(self, one: ManifestObject, path: str = "") -> int:
        found = self._placed.get((id(one), path))
        if found is None:
            found = self._placed[id(one), path] = self._objects.add([label(one), place_of(one.source, path)])
        return found

    def _finding(self, finding: Finding) -> Data:
        return {
            "rule": finding.rule.id,
            "title": self._texts.add(finding.rule.title),
            "severity": finding.severity.value,
            "tenants": list(finding.tenants),
            "objects": [self._object(one, finding.path_in(one)) for one in finding.objects],
            "witness": finding.witness,
            "message": finding.message,
            "fix": self._texts.add(finding.fix),
        }

    def _undecided(self, one: Unproven) -> Data:
        place = self._object(one.object) if one.object else -1
        return {"tenants": list(one.tenants), "reason": one.reason, "object": place}


def proof_model(proof: Proof) -> Data:
    """The data of a page with one side."""
    model = Model([proof])
    model.add(proof, 2)
    verdict = {"line": proof_line(proof), "outcome": outcome(proof)}
    return verdict | {"compared": False, "changes": []} | model.document()


def difference_model(difference: Difference) -> Data:
    """The data of a page with a before and an after."""
    model = Model([difference.head, difference.base])
    model.add(difference.base, 1)
    model.add(difference.head, 2)
    verdict = {"line": difference_line(difference), "outcome": outcome(difference.head)}
    parts = portions(difference)
    ordered = (*parts.breaking, *parts.quotas, *parts.certificates, *parts.others)
    return verdict | {"compared": True, "changes": [_change(one) for one in ordered]} | model.document()


def _nodes(proofs: Sequence[Proof]) -> list[str]:
    """Tenants, then what else has an edge: shared namespaces, outside, everybody."""
    tenants = sorted({name for proof in proofs for name in proof.tenants})
    ends = {name for proof in proofs for edge in proof.matrix for name in (edge.source, edge.destination)}
    last = [name for name in (OUTSIDE, EVERY_TENANT) if name in ends]
    return list(dict.fromkeys(chain(tenants, sorted(ends - {OUTSIDE, EVERY_TENANT}), last)))


def _sided(pool: _Pool) -> Iterable[tuple[Any, int]]:
    return zip(pool.values, pool.sides, strict=True)


def _change(change: ObjectChange) -> Data:
    one = subject(change)
    return {
        "change": change.change.value,
        "object": label(one),
        "source": one.source,
        "tenants": list(change.tenants),
        "why": change.why,
        "fields": [[field.path, values(change, field)] for field in change.fields],
    }
