"""Laws of the API layer: rights only add up, and what a verdict says is all there is to take away."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tenantmesh.graph.verdict import Answer
from tests.graph.api.objects import layer
from tests.graph.api.randomly import World


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), kept=st.integers(0, 2**32 - 1))
def test_a_binding_more_never_takes_a_right_away(seed, kept):
    """Rights only add up; a question is asked of a random part of the bindings and of all of them."""
    world = World(seed, "w", 8)
    bindings = (*world.bindings, *world.cluster_bindings)
    some = [one for index, one in enumerate(bindings) if kept >> (index % 32) & 1]
    roles = (*world.roles, *world.cluster_roles)
    less, more = layer(*roles, *some), layer(*roles, *bindings)
    for _ in range(20):
        question = world.question()
        if less.verdict(*question).answer is Answer.ALLOWED:
            assert more.verdict(*question).answer is Answer.ALLOWED


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), named=st.booleans())
def test_what_is_taken_away_as_the_verdict_says_is_gone(seed, named):
    """The named rules or the named subjects are all that allowed the request."""
    world = World(seed, "w", 8)
    mine, own = layer(*world.bodies), {id(body) for body in world.bodies}
    for _ in range(20):
        question = world.question()
        verdict = mine.verdict(*question)
        # What the server's own roles allow cannot be taken out of a manifest that does not hold them.
        if verdict.answer is not Answer.ALLOWED or any(id(one.object.body) not in own for one in verdict.evidence):
            continue
        field = "subjects" if named else "rules"
        removed = {(id(one.object.body), one.path) for one in verdict.evidence if one.path.startswith(field)}
        left = layer(*[_without(body, removed) for body in world.bodies]).verdict(*question)
        assert left.answer is not Answer.ALLOWED


def _without(body, removed):
    found = dict(body)
    for field in ("rules", "subjects"):
        if field in body:
            found[field] = [
                one for index, one in enumerate(body[field]) if (id(body), f"{field}[{index}]") not in removed
            ]
    return found
