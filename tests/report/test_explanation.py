"""One question: the answer over its hops, and which formats it has."""

import pytest
from msgspec.structs import replace

from tenantmesh.errors import ArgsError
from tenantmesh.graph.verdict import Answer
from tenantmesh.report import Explanation, Format, Hop, render_explanation
from tests.report.samples import EXPLANATION, OPEN, SHUT, verdict

OPEN_HOP = Hop(source="a", destination="b", request="", verdict=OPEN)
SHUT_HOP = replace(OPEN_HOP, verdict=SHUT)
VAGUE = verdict(Answer.UNPROVEN)
VAGUE_HOP = replace(OPEN_HOP, verdict=VAGUE)


@pytest.mark.parametrize(
    ("direct", "hops", "answer"),
    [
        (OPEN, (), Answer.ALLOWED),
        (SHUT, (), Answer.DENIED),
        (SHUT, (OPEN_HOP, OPEN_HOP), Answer.ALLOWED),
        (SHUT, (OPEN_HOP, SHUT_HOP), Answer.DENIED),
        (OPEN, (SHUT_HOP,), Answer.ALLOWED),
        (VAGUE, (SHUT_HOP,), Answer.UNPROVEN),
        (VAGUE, (OPEN_HOP,), Answer.ALLOWED),
        (SHUT, (VAGUE_HOP,), Answer.UNPROVEN),
    ],
)
def test_either_way_is_enough(direct, hops, answer):
    assert Explanation(source="a", destination="c", request="", verdict=direct, hops=hops).answer is answer


@pytest.mark.parametrize("wanted", [Format.SARIF, Format.HTML])
def test_a_format_that_a_question_lacks_is_refused_with_those_it_has(wanted):
    with pytest.raises(ArgsError, match=f"--format: {wanted} is not possible here, take text or json or markdown"):
        render_explanation(EXPLANATION, wanted)


def test_the_comment_names_the_decider_and_what_flips_it():
    text = render_explanation(EXPLANATION, Format.MARKDOWN)
    assert text.splitlines()[1].startswith("⛔ **denied**: `globex/cart` → `initech/web`")
    assert "`NetworkPolicy initech/default-deny` `spec.ingress[0]` at `initech.yaml:3` denies" in text
    assert "to flip it: remove spec.ingress" in text
