"""The network layer agrees with two independent implementations of NetworkPolicy on random clusters.

With cyclonus, when Kubernetes' own code matches the labels, it agrees on every answer. With network-config-analyzer,
and with cyclonus' own labels, it agrees but for the defects in `known.DEFECTS`, each settled in test_settled.py.
"""

import pytest

from tests.oracles import analyzer, cyclonus
from tests.oracles.generator import sample
from tests.oracles.known import explained
from tests.oracles.ours import Ours

SAMPLES = 10_000
"""Clusters in all; each is asked for about 120 flows."""
_CHUNK = 500


@pytest.fixture(scope="module", params=range(0, SAMPLES, _CHUNK))
def samples(request):
    return [sample(seed) for seed in range(request.param, request.param + _CHUNK)]


@pytest.mark.slow
def test_both_oracles_agree_with_the_network_layer(samples, cyclonus_program, analyzer_python):
    by_cyclonus = cyclonus.ask(cyclonus_program, samples)
    by_analyzer = analyzer.ask(analyzer_python, samples)
    wrong: list[str] = []
    for one, tables, table in zip(samples, by_cyclonus, by_analyzer, strict=True):
        ours = Ours(one)
        for question in one.questions():
            answer = ours.answer(question)
            theirs = {
                "cyclonus, Kubernetes' labels": tables.kubernetes_labels[question.index],
                "cyclonus": tables.own_labels[question.index],
                "nca": table[question.index] if table else answer,
            }
            wrong += [
                f"seed {one.seed}: {question}: ours {answer}, {oracle} {their}"
                for oracle, their in theirs.items()
                if their != answer and not explained(oracle, one, question)
            ]
    assert wrong[:20] == []
