"""Laws that hold for every set of policies."""

import re
from copy import deepcopy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenantmesh.graph import nearby
from tenantmesh.graph.verdict import Answer
from tests.graph.network.objects import answer, layer, policy, web
from tests.graph.network.test_openings import ends, labels, peers, pods, policies, ports, requests, rules, spaces

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


def without(spec: dict, paths: list[str]) -> dict:
    """`spec` without the parts at `paths`, which are rules or entries of their lists of peers."""
    spec = deepcopy(spec)
    for path in reversed(paths):
        parts = re.findall(r"(\w+)\[(\d+)\]", path)
        holder = spec
        for name, index in parts[:-1]:
            holder = holder[name][int(index)]
        del holder[parts[-1][0]][int(parts[-1][1])]
    return spec


@given(spaces, st.lists(rules("from"), min_size=1, max_size=3), pods, requests)
def test_what_change_names_closes_the_flow(places, inward, source, request):
    """Take away what the verdict says, and nothing that is understood lets the flow through any more."""
    specs = {f"p{index}": {"podSelector": {}, "ingress": some} for index, some in enumerate(inward)}
    verdict = layer(*places, *(policy(spec, "b", name) for name, spec in specs.items())).verdict(source, web(), request)
    if verdict.answer is not Answer.ALLOWED:
        return
    for name, spec in specs.items():
        named = re.search(rf"((?:spec\S+(?:, | and | ))+)of NetworkPolicy b/{name}\b", verdict.change)
        if named:
            specs[name] = without(spec, re.findall(r"spec[^\s,]+", named[1]))
    after = layer(*places, *(policy(spec, "b", name) for name, spec in specs.items()))
    assert after.verdict(source, web(), request).answer is not Answer.ALLOWED


@given(spaces, policies, ends, ends, requests, st.randoms())
def test_the_order_of_objects_does_not_matter(places, objects, source, destination, request, chance):
    """Policies add up: in whatever order they are read, the answer is the same."""
    shuffled = [*places, *objects]
    chance.shuffle(shuffled)
    assert answer((*places, *objects), source, destination, request) == answer(
        tuple(shuffled), source, destination, request
    )


@given(spaces, policies, ends, ends, requests)
def test_to_ask_only_policies_about_the_other_end_changes_no_answer(places, objects, source, destination, request):
    """What is said, and by which objects, is what asking all of them says."""
    apart = layer(*places, *objects).verdict(source, destination, request)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nearby, "_FEW", -1)
        assert layer(*places, *objects).verdict(source, destination, request) == apart
