"""The proof sees every hole that is made in what the library makes, or a table says why it is none."""

import pytest

from tests.proof.judging import Fate, judged
from tests.proof.redundant import entries, excuse
from tests.proof.score import PAGE, page, survivors

pytestmark = pytest.mark.slow


def test_every_mutation_changes_the_proof_or_is_listed_with_a_reason():
    assert survivors(judged()) == []


def test_every_entry_of_the_table_excuses_something():
    used = {excuse(one.mutation) for one in judged() if one.fate is Fate.SURVIVED}
    assert [entry.pattern for entry in entries() if entry not in used] == []


def test_the_page_of_the_score_is_up_to_date():
    """`python -m tests.proof` writes it."""
    print(page(judged()))
    assert PAGE.read_text() == page(judged())


def test_nothing_that_opens_a_network_policy_to_all_or_a_pod_to_its_node_is_excused():
    fatal = ("every namespace to", "all addresses to", "host's", "privileged by", "everybody in", "give away")
    missed = [
        str(one) for one in judged() if one.fate is Fate.SURVIVED and any(how in one.mutation.how for how in fatal)
    ]
    assert missed == []


def test_an_entry_names_its_kind_and_what_was_done_or_where():
    for entry in entries():
        subject, how, place = entry.pattern.split(" | ")
        assert not subject.startswith("*"), entry.pattern
        assert (how, place) != ("*", "*") or subject.endswith("/system-priority"), entry.pattern
