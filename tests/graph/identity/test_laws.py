"""Laws that hold for every set of policies, requests and pods."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenantmesh.graph.flow import Outside, Proxy, Workload
from tenantmesh.graph.opening import Opening
from tenantmesh.graph.verdict import Answer, Effect
from tests.graph.identity.generator import requests, sources, world
from tests.graph.identity.meshes import KINDS, labels
from tests.graph.identity.ours import layer

RANK = (Answer.DENIED, Answer.UNPROVEN, Answer.ALLOWED)
chances = st.integers(0, 2**48).map(Random)
"""Seeds instead of `st.randoms`, which would take most of the time."""


def asked(mesh, chance, flows=6):
    """What a mesh answers to some flows."""
    ours = layer(mesh)
    found = [(sources(chance), requests(chance)) for _ in range(flows)]
    return [(flow, RANK.index(ours.verdict(flow[0], mesh.destination, flow[1]).answer)) for flow in found]


def again(mesh, before):
    """What another mesh answers to the same flows."""
    ours = layer(mesh)
    return [RANK.index(ours.verdict(*_ends(flow, mesh)).answer) for flow, _ in before]


def _ends(flow, mesh):
    return flow[0], mesh.destination, flow[1]


def with_policies(mesh, policies):
    return mesh._replace(policies=tuple(policies))


def allowing(chance, name):
    """An ALLOW policy that holds for every pod of the destination's namespace."""
    rules = world(chance).policies[0]["spec"]["rules"]
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": name, "namespace": "app"},
        "spec": {"action": "ALLOW", "rules": rules},
    }


@given(chances)
def test_one_more_deny_never_opens(chance):
    mesh, one = world(chance), allowing(chance, "more")
    before = asked(mesh, chance)
    deny = {**one, "spec": {**one["spec"], "action": "DENY"}}
    after = again(with_policies(mesh, (*mesh.policies, deny)), before)
    assert all(now <= then for now, (_, then) in zip(after, before, strict=True))


@given(chances)
def test_one_allow_less_never_opens_while_another_is_left(chance):
    mesh, left, gone = world(chance), allowing(chance, "left"), allowing(chance, "gone")
    before = asked(with_policies(mesh, (*mesh.policies, left, gone)), chance)
    after = again(with_policies(mesh, (*mesh.policies, left)), before)
    assert all(now <= then for now, (_, then) in zip(after, before, strict=True))


@given(chances)
def test_one_rule_more_in_an_allow_never_shuts(chance):
    mesh, chosen = world(chance), allowing(chance, "chosen")
    rules = [*chosen["spec"]["rules"], *allowing(chance, "other")["spec"]["rules"]]
    before = asked(with_policies(mesh, (*mesh.policies, chosen)), chance)
    wider = {**chosen, "spec": {**chosen["spec"], "rules": rules}}
    after = again(with_policies(mesh, (*mesh.policies, wider)), before)
    assert all(now >= then for now, (_, then) in zip(after, before, strict=True))


@given(chances)
def test_the_order_of_objects_does_not_matter(chance):
    mesh = world(chance)
    before = asked(mesh, chance)
    shuffled = list(mesh.policies)
    chance.shuffle(shuffled)
    assert again(with_policies(mesh, shuffled), before) == [then for _, then in before]


def covers(one: Opening, source, request) -> bool:
    """Whether an opening tells of a flow."""
    if one.ports and not any(first <= request.port <= last for first, last in one.ports):
        return False
    if isinstance(source, Outside):
        return one.peers.outside
    # The service account of `peer` is one of those that a pattern means.
    return source.namespace in one.peers


@pytest.mark.parametrize("kind", KINDS)
@given(chance=chances)
def test_openings_miss_nothing(kind, chance):
    """Whatever the layer does not refuse, to pods of any labels, some opening of their namespace tells of."""
    ours, pod = KINDS[kind](chance)
    openings = ours.openings(pod.namespace)
    for _ in range(12):
        source, request = sources(chance), requests(chance)
        # Envoy refuses a request without a host before it asks any policy.
        request = replace(request, mtls=chance.choice((None, None, False)), host=request.host or "any")
        destination = pod if pod.object else replace(pod, labels=labels(chance))
        found = ours.verdict(source, destination, request)
        if found.answer is not Answer.DENIED:
            told = [one for one in openings if covers(one, source, request)]
            assert told, (source, destination, request, found.reason)


def somebody(one: Opening):
    """One of those whom an opening lets in, from another namespace than its own; None when there is none."""
    if one.peers.outside:
        return Outside(principal=one.evidence[0].reason.partition(" a certificate of the name ")[2])
    others = sorted(one.peers.namespaces - {one.namespace})
    name = "unheard-of" if one.peers.everywhere else others[0] if others else None
    like = one.peer or Workload(namespace="", name="any")
    return name and replace(like, namespace=name, proxy=Proxy.SIDECAR)


@pytest.mark.parametrize("kind", KINDS)
@given(chance=chances)
def test_the_request_of_an_opening_passes_it(kind, chance):
    """Unless the opening says that it is not known, whom it names gets in with the request that it gives."""
    ours, pod = KINDS[kind](chance)
    for one in ours.openings(pod.namespace):
        source = somebody(one)
        if source is not None and one.evidence[0].effect is Effect.ALLOWS:
            found = ours.verdict(source, one.workload, one.request)
            assert found.answer is Answer.ALLOWED, (one, found.reason)
