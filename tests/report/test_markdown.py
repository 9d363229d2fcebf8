"""A comment on a pull request: verdict first, never too long, and no name or sentence in it can be markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from tenantmesh.checks.differences.difference import Change, Difference, FieldChange, ObjectChange
from tenantmesh.manifest import ManifestObject
from tenantmesh.report import Format, render_difference, render_explanation, render_proof
from tenantmesh.report.markdown import LARGEST, MARKER
from tenantmesh.report.markdown.escape import code, prose
from tenantmesh.report.markdown.graph import chart
from tenantmesh.report.wording import clean, shortened
from tests.report.hostile import fewer, texts
from tests.report.samples import BREACH, CLEAN, DIFFERENCE, EXPLANATION, FRONT, LEAKS, ODD, PROOF, SAME

COMMENT = render_difference(DIFFERENCE, Format.MARKDOWN)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def structure(text: str) -> list[str]:
    """The kinds of all tokens, without the text in them."""
    kinds: list[str] = []
    for token in PARSER.parse(text):
        kinds.append(token.content.strip() if token.type == "html_block" else token.type)
        kinds += [child.type for child in token.children or [] if child.type != "text"]
    return kinds


def visible(text: str) -> list[str]:
    """What a reader sees outside code, where a forge looks for what it would link."""
    tokens = [child for token in PARSER.parse(text) for child in token.children or []]
    return [child.content for child in tokens if child.type == "text"]


def written(name: str) -> Difference:
    """A change in which every text is `name`."""
    thing = ManifestObject(
        body={"apiVersion": "v1", "kind": name, "metadata": {"name": name, "namespace": name}}, source=name
    )
    edge = replace(BREACH, source=name, destination=name + "b", ports=(name,), declared=True, reason=name)
    finding = replace(LEAKS, tenants=(name,), objects=(thing,), witness=name, message=name, fix=name)
    change = ObjectChange(
        change=Change.REPLACE,
        before=thing,
        after=thing,
        tenants=(name,),
        fields=(FieldChange(path=name, before=name, after=name),),
        why=name,
    )
    head = replace(CLEAN, unproven=(replace(ODD, reason=name, object=thing),))
    return replace(
        SAME,
        head=head,
        opened=(edge,),
        widened=((edge, edge),),
        found=(finding,),
        objects=(change,),
        quotas=(change,),
        tenants=(name,),
    )


@fewer
@given(texts.filter(lambda text: text.strip()))
def test_no_name_and_no_sentence_can_become_markup(name):
    """The page has the same structure as with a harmless name: no link, picture, table, HTML or list comes of it."""
    assert structure(render_difference(written(name), Format.MARKDOWN)) == structure(
        render_difference(written("plain"), Format.MARKDOWN)
    )


@fewer
@given(texts)
def test_nobody_is_mentioned_and_nothing_is_linked(name):
    shown = visible(render_difference(written(name), Format.MARKDOWN))
    assert not [text for text in shown if re.search(r"@\w|#\w|\w:\w|://|(?i:www)\.", text)]


@fewer
@given(texts)
def test_a_code_span_shows_the_name_as_it_is(name):
    children = PARSER.parseInline(f"x {code(name)} y")[0].children or []
    spans = [child.content for child in children if child.type == "code_inline"]
    shown = shortened(clean(name), 200)
    assert spans == [shown if shown.strip(" ") else "(none)"]


@fewer
@given(st.text(alphabet="abc ,.;-", min_size=1).filter(lambda text: text.strip() == text and text[0] not in "-."))
def test_a_harmless_sentence_stays_as_it_is(text):
    assert prose(text) == text


@fewer
@given(texts)
def test_a_name_stays_in_its_label_of_the_graph(name):
    """Only characters that Mermaid gives no meaning to are in a label as they are."""
    lines = chart(written(name)).splitlines()
    shape = r"  n\d\[\"[^\"`<>&]*\"\]|  n\d ==?>\|\"[^\"`<>&]*\"\| n\d|  n\d -->\|\"[^\"`<>&]*\"\| n\d|  linkStyle .*"
    assert lines[:2] == ["```mermaid", "flowchart LR"]
    assert lines[-1] == "```"
    assert all(re.fullmatch(shape, line) for line in lines[2:-1])


def test_the_marker_and_the_verdict_come_first():
    assert COMMENT.splitlines()[:2] == [
        MARKER,
        "❌ **breaks isolation**: 1 new finding, 1 fixed, 2 connections open, 1 connection closes, 5 objects change",
    ]


def test_nothing_but_the_verdict_is_said_of_no_change():
    text = render_difference(SAME, Format.MARKDOWN)
    assert text == f"{MARKER}\n✅ **keeps isolation**: nothing changes\n"


def test_sections_come_in_the_order_in_which_they_matter():
    titles = re.findall(r"(?:### |<summary>)([A-Z][a-z, ]+)", COMMENT)
    assert [title.strip() for title in titles] == [
        "New findings",
        "Becomes reachable",
        "Reaches further",
        "Stops being reachable",
        "Changed connections, drawn",
        "Replaced and deleted",
        "Quotas",
        "Secrets",
        "Undecided",
        "Other objects",
        "Fixed findings",
        "Tenants touched",
    ]


def test_a_replaced_object_comes_before_a_deleted_one():
    assert COMMENT.index("**replace** `Certificate acme/edge`") < COMMENT.index("**delete** `NetworkPolicy initech/")
    assert "because `spec.dnsNames` changes" in COMMENT


def test_the_graph_draws_what_opens_and_what_closes():
    assert 'n0["globex"]' in COMMENT
    assert 'n0 ==>|"opens any"| n1' in COMMENT
    assert '-.->|"closes 443/TCP"|' in COMMENT
    assert "linkStyle 0 stroke" in COMMENT


def test_a_graph_is_bounded():
    edges = tuple(replace(BREACH, source=f"t{number}") for number in range(500))
    drawn = chart(replace(SAME, opened=edges))
    assert drawn.count("==>") == 30
    assert "470 more are not drawn." in drawn


@pytest.mark.parametrize("name", ["x" * 3_000, "`" * 3_000, "@&|" * 1_000, "\U0001d518" * 3_000])
def test_a_comment_is_never_too_long(name):
    """However many things change, and however long their names are."""
    many = written(name)
    huge = replace(
        many,
        found=many.found * 1_000,
        opened=many.opened * 1_000,
        objects=many.objects * 1_000,
        tenants=many.tenants * 1_000,
        head=replace(many.head, unproven=many.head.unproven * 1_000),
    )
    assert len(render_difference(huge, Format.MARKDOWN)) < LARGEST


def test_what_is_left_out_is_counted_and_the_worst_is_kept():
    edges = tuple(replace(BREACH, source=f"tenant-{number}") for number in range(3_000))
    head = replace(PROOF, tenants=(*PROOF.tenants, *(edge.source for edge in edges)))
    text = render_difference(replace(DIFFERENCE, head=head, opened=(*edges, FRONT)), Format.MARKDOWN)
    shown = text.count("(open without a grant)")
    assert "network-reach" in text
    assert "Tenants touched (3)" in text
    assert f"… and {3_001 - shown:,} more" in text
    assert f"Left out for length: {3_001 - shown:,} items of “Becomes reachable”" in text
    assert len(text) > LARGEST * 0.9


def test_a_proof_of_many_tenants_fits_too():
    findings = tuple(replace(LEAKS, tenants=(f"t{number}", "acme")) for number in range(5_000))
    text = render_proof(replace(PROOF, findings=findings), Format.MARKDOWN)
    assert len(text) < LARGEST
    assert text.splitlines()[1].startswith("❌ **not isolated**: 5,000 errors")


def test_an_explanation_of_many_hops_fits_too():
    assert len(render_explanation(replace(EXPLANATION, hops=EXPLANATION.hops * 500), Format.MARKDOWN)) < LARGEST
