"""Texts with places for names: the template is what putting places for the names one by one makes."""

from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.checks.alike.templates import Templates, filled

WORDS = st.text("ab-.", min_size=1, max_size=4)
NAME = st.from_regex(r"\A[ab]([ab-]{0,3}[ab])?\Z")
PIECE = st.one_of(WORDS, st.integers(0, 2), st.just('"'), st.just("%"), st.just("%b"))
PIECES = st.lists(PIECE, min_size=1, max_size=20)
NAMES = st.lists(NAME, min_size=3, max_size=3, unique=True)


def written(pieces, names):
    return "".join(names[one] if isinstance(one, int) else one for one in pieces).encode()


def placed(text, names):
    """By the definition: the longest name first, each wherever it is."""
    for place, name in sorted(enumerate(names), key=lambda one: -len(one[1])):
        text = text.replace(name.encode(), b"\x01" + bytes((0x80 + place // 0x80, 0x80 + place % 0x80)) + b"\x02")
    return text


@given(PIECES, st.lists(NAMES, min_size=2, max_size=6))
def test_a_template_is_the_text_with_places_for_the_names(pieces, everybody):
    """Whatever was met before: texts that some pieces make with other names, in which names touch and overlap."""
    templates = Templates()
    for names in everybody:
        text = written(pieces, names)
        assert templates.template(text, names) == placed(text, names)


@given(PIECES, PIECES, NAMES, NAMES)
def test_other_texts_have_other_templates(one, other, first, second):
    templates = Templates()
    found = [templates.template(written(pieces, names), names) for pieces, names in ((one, first), (other, second))]
    assert found == [placed(written(one, first), first), placed(written(other, second), second)]


def test_equal_templates_are_one_object():
    templates = Templates()
    first = templates.template(b'{"host":"acme.example.com"}', ["acme"])
    assert templates.template(b'{"host":"globex.example.com"}', ["globex"]) is first
    assert templates.template(b'{"host":"globex.example.org"}', ["globex"]) is not first


def test_a_text_has_places_for_hundreds_of_names():
    names, others = ([f"{word}-{at:03}" for at in range(300)] for word in ("team", "unit"))
    pieces = [piece for at in range(300) for piece in (at, '","')]
    templates = Templates()
    found = templates.template(written(pieces, names), names)
    assert found == placed(written(pieces, names), names)
    assert templates.template(written(pieces, others), others) is found
    assert filled(found, [name.encode() for name in others]) == written(pieces, others)


def test_a_name_that_is_elsewhere_too_has_places_there():
    """Told by a name that another template has as a plain word."""
    templates = Templates()
    templates.template(b'{"host":"acme.example.com"}', ["acme"])
    text = b'{"host":"example.example.com"}'
    assert templates.template(text, ["example"]) == placed(text, ["example"])
