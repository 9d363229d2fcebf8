"""Laws that hold for every set of policies."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tenantmesh.graph.verdict import Answer
from tests.graph.network.objects import answer, policy
from tests.graph.network.test_openings import ends, labels, peers, pods, policies, ports, requests, spaces

RANK = (Answer.DENIED, Answer.UNPROVEN, Answer.ALLOWED)
known_peers = peers.filter(lambda one: "strange" not in one)


@given(spaces, policies, ends, pods, requests, st.data())
def test_another_rule_takes_nothing_away(places, objects, source, destination, request, data):
    """A rule added to an existing policy never closes what was open."""
    inward = [one for one in objects if "ingress" in one.body["spec"]]
    assume(inward)
    before = answer((*places, *objects), source, destination, request)
    chosen = data.draw(st.sampled_from(inward))
    rule = {"from": data.draw(st.lists(known_peers, max_size=2)), "ports": data.draw(st.lists(ports, max_size=2))}
    spec = {**chosen.body["spec"], "ingress": [*chosen.body["spec"]["ingress"], rule]}
    more = policy(spec, chosen.key.namespace, chosen.key.name)
    after = answer((*places, *(one for one in objects if one is not chosen), more), source, destination, request)
    assert RANK.index(after) >= RANK.index(before)


@given(spaces, policies, ends, pods, requests, labels)
def test_selecting_a_free_pod_opens_nothing(places, objects, source, destination, request, some):
    """A policy on a pod that none selected never opens anything."""
    theirs = [one for one in objects if one.key.namespace == destination.namespace]
    objects = [one for one in objects if one not in theirs]
    before = answer((*places, *objects), source, destination, request)
    more = policy({"podSelector": {"matchLabels": some}}, destination.namespace, "more")
    after = answer((*places, *objects, more), source, destination, request)
    assert RANK.index(after) <= RANK.index(before)


@given(spaces, policies, ends, ends, requests, st.randoms())
def test_the_order_of_objects_does_not_matter(places, objects, source, destination, request, chance):
    """Policies add up: in whatever order they are read, the answer is the same."""
    shuffled = [*places, *objects]
    chance.shuffle(shuffled)
    assert answer((*places, *objects), source, destination, request) == answer(
        tuple(shuffled), source, destination, request
    )
