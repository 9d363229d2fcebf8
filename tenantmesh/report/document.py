"""Proofs, differences and explanations as plain data for scripts; `schema.json` describes every key."""

import json
from collections.abc import Iterable
from typing import Any

from tenantmesh.checks.differences.difference import Difference, ObjectChange
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Edge, Proof, Unproven
from tenantmesh.graph.reading import place_of
from tenantmesh.graph.verdict import Evidence, LayerVerdict, Verdict
from tenantmesh.manifest import ManifestObject
from tenantmesh.report.changes import masked, subject
from tenantmesh.report.explanation import Explanation
from tenantmesh.report.wording import difference_outcome, outcome

Document = dict[str, Any]


def proof_json(proof: Proof) -> str:
    """The document of `verify`."""
    return _text(proof_document(proof))


def difference_json(difference: Difference) -> str:
    """The document of `diff`."""
    return _text(difference_document(difference))


def explanation_json(explanation: Explanation) -> str:
    """The document of `explain`."""
    return _text(explanation_document(explanation))


def proof_document(proof: Proof) -> Document:
    """The keys that scripts depend on come first; the others may grow in number."""
    return {
        "tenants": list(proof.tenants),
        "matrix": [_edge(one) for one in proof.matrix],
        "findings": _findings(proof.findings),
        "unproven": _unproven(proof.unproven),
        "outcome": outcome(proof),
        "shared": list(proof.shared),
        "assumptions": list(proof.assumptions),
        "exempted": _findings(proof.exempted),
        "classes": [list(each.tenants) for each in proof.classes],
    }


def difference_document(difference: Difference) -> Document:
    """What changes, with the findings of `verify`'s shape."""
    return {
        "tenants": list(difference.tenants),
        "outcome": difference_outcome(difference),
        "proof": outcome(difference.head),
        "opened": [_edge(one) for one in difference.opened],
        "closed": [_edge(one) for one in difference.closed],
        "widened": _pairs(difference.widened),
        "narrowed": _pairs(difference.narrowed),
        "findings": _findings(difference.found),
        "fixed": _findings(difference.fixed),
        "objects": _changes(difference.objects),
        "quotas": _changes(difference.quotas),
        "certificates": _changes(difference.certificates),
        "unproven": _unproven(difference.head.unproven),
    }


def explanation_document(explanation: Explanation) -> Document:
    """The verdict of the direct connection, layer by layer, and those of the hops."""
    return {
        "source": explanation.source,
        "destination": explanation.destination,
        "request": explanation.request,
        "answer": explanation.answer.value,
        "layers": verdict_document(explanation.verdict),
        "hops": [
            {
                "source": hop.source,
                "destination": hop.destination,
                "request": hop.request,
                "answer": hop.verdict.answer.value,
                "layers": verdict_document(hop.verdict),
            }
            for hop in explanation.hops
        ],
    }


def verdict_document(verdict: Verdict) -> list[Document]:
    """One entry a layer."""
    return [_layer(one) for one in verdict.layers]


def object_document(one: ManifestObject, path: str = "") -> Document:
    """What names the object, and where it, or its part `path`, is written ("" where unknown)."""
    key = one.key
    return {
        "apiVersion": key.api_version,
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
        "source": place_of(one.source, path),
        "urn": one.urn,
    }


def _text(document: Document) -> str:
    return json.dumps(document, indent=2) + "\n"


def _edge(edge: Edge) -> Document:
    return {
        "source": edge.source,
        "destination": edge.destination,
        "ports": list(edge.ports),
        "layers": [layer.value for layer in edge.layers],
        "open": edge.open,
        "declared": edge.declared,
        "reason": edge.reason,
        "paths": list(edge.paths),
        "objects": [object_document(one) for one in edge.shown.objects],
        "witness": edge.shown.witness,
    }


def _findings(findings: Iterable[Finding]) -> list[Document]:
    return [
        {
            "rule": one.rule.id,
            "severity": one.severity.value,
            "tenants": list(one.tenants),
            "objects": [object_document(each, one.path_in(each)) for each in one.objects],
            "witness": one.witness,
            "message": one.message,
            "fix": one.fix,
        }
        for one in findings
    ]


def _unproven(unproven: Iterable[Unproven]) -> list[Document]:
    return [
        {
            "tenants": list(one.tenants),
            "reason": one.reason,
            "object": object_document(one.object) if one.object else None,
        }
        for one in unproven
    ]


def _pairs(pairs: Iterable[tuple[Edge, Edge]]) -> list[Document]:
    return [{"before": _edge(before), "after": _edge(after)} for before, after in pairs]


def _changes(changes: Iterable[ObjectChange]) -> list[Document]:
    return [
        {
            "change": one.change.value,
            "object": object_document(subject(one)),
            "tenants": list(one.tenants),
            "why": one.why,
            "fields": [
                {"path": field.path, "before": before, "after": after}
                for field in one.fields
                for before, after in [masked(one, field)]
            ],
        }
        for one in changes
    ]


def _layer(layer: LayerVerdict) -> Document:
    return {
        "layer": layer.layer.value,
        "answer": layer.answer.value,
        "reason": layer.reason,
        "change": layer.change,
        "evidence": [_evidence(one) for one in layer.evidence],
    }


def _evidence(evidence: Evidence) -> Document:
    return {
        "effect": evidence.effect.value,
        "reason": evidence.reason,
        "path": evidence.path,
        "object": object_document(evidence.object, evidence.path) if evidence.object else None,
    }
