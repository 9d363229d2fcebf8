"""The page's source: self-contained, guarded by its own policy, and no name leaves the data."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

from hypothesis import given
from msgspec.structs import replace

from tenantmesh.report import Format, render_difference, render_proof
from tests.report.hostile import fewer, texts
from tests.report.samples import DIFFERENCE, LEAKS, PROOF
from tests.report.sizes import large

PAGE = render_difference(DIFFERENCE, Format.HTML)


class Outline(HTMLParser):
    """The tags of a page, and the text of each script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.inner: dict[str, list[str]] = {"script": [], "style": []}
        self._last = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))
        self._last = tag
        if tag in self.inner:
            self.inner[tag].append("")

    def handle_endtag(self, _tag):
        self._last = ""

    def handle_data(self, data):
        if self._last in self.inner:
            self.inner[self._last][-1] += data


def test_the_page_names_no_resource():
    outline = Outline(PAGE)
    named = [value for tag, attrs in outline.tags for key, value in attrs if key in {"src", "href", "action", "srcset"}]
    assert named == ["data:,"]
    assert not re.search(r"@import|url\(", "".join(outline.inner["style"]))
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket", outline.inner["script"][1])


def test_the_policy_lets_only_this_script_and_style_run():
    outline = Outline(PAGE)
    policy = next(dict(attrs)["content"] for tag, attrs in outline.tags if ("http-equiv" in dict(attrs)))
    for text, rule in ((outline.inner["script"][1], "script-src"), (outline.inner["style"][0], "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


@fewer
@given(texts)
def test_no_name_leaves_the_data(name):
    proof = replace(PROOF, findings=(replace(LEAKS, message=name, tenants=(name,)),))
    outline, plain = Outline(render_proof(proof, Format.HTML)), Outline(render_proof(PROOF, Format.HTML))
    assert outline.tags == plain.tags
    assert json.loads(outline.inner["script"][0])["findings"][0]["message"] == name


def test_only_edges_are_in_the_page_and_never_cells():
    assert len(render_proof(large(1000), Format.HTML)) < 5_000_000


def test_an_edge_that_stays_is_in_the_page_once():
    data = json.loads(Outline(PAGE).inner["script"][0])
    both = replace(DIFFERENCE, base=DIFFERENCE.head)
    same = json.loads(Outline(render_difference(both, Format.HTML)).inner["script"][0])
    assert {edge["sides"] for edge in same["edges"]} == {3}
    assert len(same["edges"]) == len(DIFFERENCE.head.matrix)
    assert {edge["sides"] for edge in data["edges"]} == {1, 2}


def test_tenants_come_before_shared_namespaces_and_the_outside():
    edges = (*PROOF.matrix, replace(PROOF.matrix[0], source="*"), replace(PROOF.matrix[0], destination="kube-system"))
    data = json.loads(Outline(render_proof(replace(PROOF, matrix=edges), Format.HTML)).inner["script"][0])
    assert data["nodes"] == ["acme", "globex", "initech", "kube-system", "outside", "*"]
