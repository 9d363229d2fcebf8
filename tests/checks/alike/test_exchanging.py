"""What tenants that are alike are shown by: another's witness and verdict, in their own names and objects."""

import datetime

import pytest

from benchmarks.tenants import neighbourhood
from tenantmesh.checks.alike.deriving import Pattern
from tenantmesh.checks.alike.exchanging import Exchange, Proven
from tenantmesh.checks.alike.names_apart import alike
from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.layers import Layers
from tenantmesh.checks.outcome import Outcome
from tenantmesh.checks.proof import Fence, Shown
from tenantmesh.checks.prove import Prover
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.verdict import Answer, Effect, Evidence, Layer, LayerVerdict, Verdict
from tenantmesh.manifest import Manifest, ManifestObject
from tenantmesh.report import Format, render_proof

TODAY = datetime.date(2026, 1, 1)


def context(bodies):
    cluster = Cluster(Manifest.of(ManifestObject(body=body, source="objects.yaml:1") for body in bodies))
    return Context(cluster=cluster, intent=find_intent(cluster), layers=Layers.of(cluster), today=TODAY)


def service(namespace):
    metadata = {"name": "web", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": {"app": "web"}}}


SERVICES = context(service(name) for name in ("acme", "globex", "initech", "policy"))


def made(name, *others, reason="lets {0} in", change="ask {1}", path="spec"):
    """A tenant that is shown by its own Service and by words in which its names are."""
    names = (name, *others)
    (one,) = SERVICES.cluster.objects("", "Service")[name]
    evidence = (Evidence(Effect.ALLOWS, reason.format(*names), one, path),)
    text = change.format(*names, "")
    layer = LayerVerdict(Layer.NETWORK, Answer.ALLOWED, reason.format(*names), evidence, text)
    shown = Shown(f"{name}/web-{name} -> outside", Verdict((layer,)), (one,))
    return Proven(Outcome(tenant=name, fence=Fence(tenant=name, shown=shown)), names)


def fence(one):
    return one.outcome.fence.shown


def exchanged(first, second, third):
    return Exchange(SERVICES, first, second).shown(("fence",), fence, third.names)


def test_words_and_objects_are_those_of_the_other_tenant():
    first, second, third = made("acme", "a"), made("globex", "b"), made("initech", "c")
    assert exchanged(first, second, third) == fence(third)


@pytest.mark.parametrize("field", ["reason", "change", "path"])
def test_a_name_that_is_a_word_of_the_language_too_is_not_exchanged(field):
    """The second tenant shows that there the word is no name."""
    said = {field: "no policy for {0}"}
    first, second, third = made("policy", "a", **said), made("globex", "b", **said), made("initech", "c", **said)
    assert exchanged(first, second, third) is None


def test_a_name_is_no_part_of_a_longer_word():
    first, second, third = (made(one, "a", reason="{0} calls many") for one in ("acme", "globex", "initech"))
    assert exchanged(first, second, third) == fence(third)


def test_of_a_neighbour_that_both_have_the_second_tells_nothing():
    said = {"reason": "asks the hub {1}"}
    first, second = made("acme", "hub", **said), made("globex", "hub", **said)
    assert exchanged(first, second, made("initech", "hub", **said)) == fence(made("initech", "hub", **said))
    assert exchanged(first, second, made("initech", "other", **said)) is None


def test_what_has_no_such_object_is_not_exchanged():
    assert Exchange(SERVICES, made("acme"), made("globex")).shown(("fence",), fence, ("umbrella",)) is None


NAMES = tuple(f"team-{index:02}" for index in range(14))


def test_what_a_tenant_is_shown_by_follows_without_a_proof_of_its_own():
    def nobody(tenant):
        raise AssertionError(f"{tenant} is proven")

    here = context(neighbourhood(NAMES))
    keys = alike(here)
    alone = Prover(here.cluster, here.intent, today=TODAY, kinds=lambda _: {}).proof()
    fences = {one.tenant: one for one in alone.fences}

    def proven(tenant):
        edges = tuple(one for one in alone.matrix if tenant in (one.source, one.destination))
        return Proven(Outcome(tenant=tenant, edges=edges, fence=fences[tenant]), keys[tenant].names)

    pattern = Pattern.of(here, proven("team-05"), proven("team-06"))
    follows = pattern.follow(here, "team-08", keys["team-08"], nobody)
    edges = {(one.source, one.destination): one.shown for one in proven("team-08").outcome.edges}
    assert len(follows.edges) == len(edges) > 5
    assert all(one.shown == edges[one.source, one.destination] for one in follows.edges)
    assert all(one.shown.witness for one in follows.edges)
    assert follows.fence.shown == fences["team-08"].shown


@pytest.mark.parametrize("form", Format)
def test_a_report_of_tenants_that_are_alike_is_that_of_each_alone(form):
    here = context(neighbourhood(NAMES))
    derived = Prover(here.cluster, here.intent, today=TODAY).proof()
    alone = Prover(here.cluster, here.intent, today=TODAY, kinds=lambda _: {}).proof()
    assert render_proof(derived, form) == render_proof(alone, form)
