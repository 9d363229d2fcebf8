"""The stars demo: who reaches whom in each of its stages, in plain YAML and as tenants with grants."""

from pathlib import Path

import pytest

from tenantmesh.checks.asking import Question, ask
from tenantmesh.cli.proving import Meaning, context, proven
from tenantmesh.cli.sources import Read
from tenantmesh.graph.reading import read_files
from tenantmesh.graph.verdict import Answer
from tests.examples.programs import run_example

FILES = sorted((Path(__file__).parent / "stars").glob("*.yaml"))
UI, CLIENT, FRONTEND, BACKEND = "management-ui/management-ui", "client/client", "stars/frontend", "stars/backend"
PODS = {UI: 9001, CLIENT: 9000, FRONTEND: 80, BACKEND: 6379}

TO_UI = {(one, UI) for one in PODS}
BY_UI = {(UI, CLIENT), (UI, FRONTEND), (UI, BACKEND)}
EVERYTHING = {(source, destination) for source in PODS for destination in PODS if source != destination}
# Nothing selects the user interface's own pods: nobody is kept from it in any stage.
STAGES = [
    ("1-open", EVERYTHING),
    ("2-default-deny", TO_UI),
    ("3-allow-ui", TO_UI | BY_UI),
    ("4-allow-backend", TO_UI | BY_UI | {(FRONTEND, BACKEND)}),
    ("5-allow-frontend", TO_UI | BY_UI | {(FRONTEND, BACKEND), (CLIENT, FRONTEND)}),
]


def yaml_of(stage):
    """All files up to a stage's: each stage adds one."""
    return Read(read_files([file for file in FILES if file.stem <= stage]))


def tenants_of(stage):
    evaluation = run_example("stars", {"stage": stage})
    assert evaluation.failures == ()
    return Read(evaluation.manifest)


def test_there_is_a_file_for_each_stage():
    assert [file.stem for file in FILES] == [stage for stage, _ in STAGES]


@pytest.mark.parametrize(("stage", "reached"), STAGES)
def test_a_stage_of_plain_yaml_has_its_matrix(stage, reached):
    asked = context(yaml_of(stage), Meaning())
    answers = {
        (source, destination): ask(asked, Question(source=source, destination=destination, port=port)).verdict.answer
        for source in PODS
        for destination, port in PODS.items()
        if source != destination
    }
    assert answers == {pair: Answer.ALLOWED if pair in reached else Answer.DENIED for pair in EVERYTHING}


def test_an_allowed_edge_is_open_on_its_port_alone():
    asked = context(yaml_of("5-allow-frontend"), Meaning())
    for source, destination in ((CLIENT, FRONTEND), (FRONTEND, BACKEND)):
        other = Question(source=source, destination=destination, port=PODS[destination] + 1)
        assert ask(asked, other).verdict.answer is Answer.DENIED


FOUND = [
    ("1-open", {"network-uncovered"}),
    ("2-default-deny", {"network-uncovered"}),
    ("3-allow-ui", {"network-uncovered", "network-reach", "unprotected-label"}),
    ("5-allow-frontend", {"network-uncovered", "network-reach", "unprotected-label"}),
]


@pytest.mark.parametrize(("stage", "rules"), FOUND)
def test_a_stage_of_plain_yaml_has_its_findings(stage, rules):
    """Nothing is declared, nobody's way out is shut, and the policies trust a label that somebody may set."""
    found = proven(yaml_of(stage), Meaning()).proof
    hygiene = {"quota-missing", "limits-missing", "pod-hardening"}
    assert {one.rule.id for one in found.findings} == rules | hygiene


@pytest.mark.parametrize(
    ("stage", "edges"),
    [
        (
            "open",
            {
                (source, destination, ("any",))
                for source in ("client", "management-ui", "stars")
                for destination in ("client", "management-ui", "stars")
                if source != destination
            },
        ),
        ("denied", set()),
        (
            "allowed",
            {
                ("client", "stars", ("8080/TCP",)),
                ("management-ui", "client", ("9000/TCP",)),
                ("management-ui", "stars", ("6379/TCP", "8080/TCP")),
            },
        ),
    ],
)
def test_a_stage_of_tenants_proves_clean_and_has_its_matrix(stage, edges):
    found = proven(tenants_of(stage), Meaning()).proof
    assert (found.findings, found.unproven) == ((), ())
    between = [one for one in found.matrix if {one.source, one.destination} <= set(found.tenants)]
    assert {(one.source, one.destination, one.ports) for one in between} == edges
    assert all(one.open and one.declared for one in between)
