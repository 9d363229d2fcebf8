"""Text for a terminal: verdict first, readable without colour, never N by N, no name that steers the terminal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenantmesh.report import Format, render_difference, render_explanation, render_proof
from tenantmesh.report.wording import clean
from tests.report.hostile import fewer
from tests.report.samples import CLEAN, DIFFERENCE, EXPLANATION, LEAKS, PROOF, SAME
from tests.report.sizes import large

GOLDEN = Path(__file__).parent / "golden"
TEXTS = {
    "proof.txt": render_proof(PROOF, Format.TEXT),
    "difference.txt": render_difference(DIFFERENCE, Format.TEXT),
    "explanation.txt": render_explanation(replace(EXPLANATION, hops=EXPLANATION.hops[:1]), Format.TEXT),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_is_as_it_was(name):
    written = (GOLDEN / name).read_text(encoding="utf-8")
    assert TEXTS[name] == written, "write it anew: python -m tests.report.test_text"


@pytest.mark.parametrize(
    ("proof", "line"),
    [
        (PROOF, "not isolated: 1 error, 1 warning, 1 undecided, 3 tenants looked at, 1 exempted"),
        (CLEAN, "isolated: no findings, 3 tenants looked at"),
        (replace(CLEAN, unproven=PROOF.unproven), "not proven: no findings, 1 undecided, 3 tenants looked at"),
        (replace(CLEAN, findings=PROOF.findings[1:]), "isolated with warnings: 1 warning, 3 tenants looked at"),
    ],
)
def test_the_verdict_is_the_first_line(proof, line):
    assert render_proof(proof, Format.TEXT).splitlines()[0] == line


@pytest.mark.parametrize(
    ("difference", "start"),
    [
        (DIFFERENCE, "breaks isolation: 1 new finding"),
        (SAME, "keeps isolation: nothing changes"),
        (replace(DIFFERENCE, found=()), "does not break isolation further: "),
        (replace(SAME, found=PROOF.findings[1:]), "weakens isolation: 1 new finding"),
        (replace(SAME, head=replace(CLEAN, unproven=PROOF.unproven)), "isolation not proven: "),
    ],
)
def test_a_difference_says_first_what_it_does_to_isolation(difference, start):
    assert render_difference(difference, Format.TEXT).startswith(start)


def test_the_matrix_of_many_tenants_stays_small():
    text = render_proof(large(1000), Format.TEXT)
    assert len(text.splitlines()) < 10
    assert "and 1,999 pairs alike" in text
    assert "997,000 other pairs of tenants: closed" in text
    assert "1,000 equal tenants: tenant-0000" in text


def test_many_findings_of_a_rule_are_cut_and_counted():
    many = tuple(replace(LEAKS, tenants=(f"t{number}", "acme")) for number in range(25))
    text = render_proof(replace(PROOF, findings=many), Format.TEXT)
    assert "(25 times)" in text
    assert "… and 15 more" in text


def test_nobody_counts_closed_pairs_when_one_edge_stands_for_all():
    wild = replace(PROOF, matrix=(replace(PROOF.matrix[1], source="*"),))
    assert "other pair" not in render_proof(wild, Format.TEXT)


@fewer
@given(st.text())
def test_no_text_can_steer_a_terminal(text):
    shown = clean(text)
    assert shown.isprintable() or not shown.isascii()
    assert not any(ord(one) < 32 or 127 <= ord(one) < 160 for one in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2028\ud800")


@fewer
@given(st.text(min_size=1))
def test_a_hostile_message_stays_on_its_line(text):
    plain = render_proof(replace(PROOF, findings=(replace(LEAKS, message="harmless"),)), Format.TEXT)
    found = render_proof(replace(PROOF, findings=(replace(LEAKS, message=text),)), Format.TEXT)
    assert len(found.split("\n")) == len(plain.split("\n"))
    found.encode()


if __name__ == "__main__":
    for _name, _text in TEXTS.items():
        (GOLDEN / _name).write_text(_text, encoding="utf-8")
