"""Objects on a real API server: made, changed, read, and removed."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenantmesh.engine.values import reveal
from tenantmesh.errors import ProviderError
from tests.engine.providers.kubernetes.others import MAP, MERGE, deployment_spec, write

from .conftest import Kube

pytestmark = pytest.mark.controlplane


def test_an_object_lives_its_life(kube):
    inputs = kube.inputs(MAP, "settings", data={"a": "1"})
    made = kube.create(MAP, inputs)
    assert made.id == f"{kube.namespace}/settings"
    assert made.outputs["metadata"]["uid"]
    assert made.outputs["__inputs"] == inputs
    assert made.outputs["__initialApiVersion"] == "v1"
    assert made.outputs["__fieldManager"] == "tenantmesh-demo-dev"
    assert not kube.diff(MAP, made, inputs).changes
    wanted = kube.inputs(MAP, "settings", data={"a": "1"}, metadata={"labels": {"b": "2"}})
    assert set(kube.diff(MAP, made, wanted).detailed) == {"metadata.labels"}
    changed = kube.update(MAP, made, wanted)
    assert changed.outputs["metadata"]["labels"] == {"b": "2"}
    assert not kube.diff(MAP, changed, wanted).changes
    kube.delete(MAP, changed, wanted)
    assert kube.read(MAP, changed, wanted) is None
    kube.delete(MAP, changed, wanted)


def test_a_field_that_is_no_longer_asked_for_is_removed(kube):
    made = kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1", "b": "2"}))
    assert kube.update(MAP, made, kube.inputs(MAP, "a", data={"a": "1"})).outputs["data"] == {"a": "1"}


def test_a_secrets_copies_in_the_state_are_all_secret(kube):
    inputs = kube.inputs("core/v1:Secret", "a", stringData={"key": "marker-51"})
    made = kube.create("core/v1:Secret", inputs)
    always = kube.provider.secret_outputs("kubernetes:core/v1:Secret")
    shown = {key: value for key, value in made.outputs.items() if key not in always}
    assert "bWFya2VyLTUx" not in repr(shown)
    assert reveal(shown)["__inputs"]["data"] == {"key": "bWFya2VyLTUx"}
    assert not kube.diff("core/v1:Secret", made, inputs).changes


def test_an_imported_object_may_be_named_without_its_namespace(kube):
    """The id stays as people wrote it, and the object is deleted all the same."""
    config = {"namespace": kube.namespace}
    here = Kube(kube.ambient, config, kube.namespace)
    kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    found = here.provider.read(here.resource(MAP), "a", {}, {})
    assert found.id == "a"
    assert found.inputs["metadata"] == {"name": "a", "namespace": kube.namespace}
    here.delete(MAP, found, found.inputs)
    assert kube.live(MAP, "a") is None


def test_objects_are_applied_in_parallel(kube):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: kube.create(MAP, kube.inputs(MAP, f"a-{n}", data={"n": str(n)})), range(64)))
    assert [one.outputs["data"]["n"] for one in made] == [str(n) for n in range(64)]
    assert len({one.outputs["metadata"]["uid"] for one in made}) == 64


def test_a_refused_quota_is_told_in_the_servers_words(kube):
    quota = kube.inputs("core/v1:ResourceQuota", "q", spec={"hard": {"count/services": "1"}})
    made = kube.create("core/v1:ResourceQuota", quota)
    assert made.outputs["status"]["hard"] == {"count/services": "1"}
    service, ports = "core/v1:Service", {"ports": [{"port": 80}]}
    kube.create(service, kube.inputs(service, "one", spec=ports))
    with pytest.raises(ProviderError, match=r"Service .*/two: .*exceeded quota: q, requested: count/services=1"):
        kube.create(service, kube.inputs(service, "two", spec=ports))


def test_objects_are_made_while_their_quota_changes(kube):
    """The API server then often refuses to count an object, by the words of an object that exists already."""
    quota, ended = "core/v1:ResourceQuota", threading.Event()
    kube.create(quota, kube.inputs(quota, "q", spec={"hard": {"count/configmaps": "1000"}}))

    def change(who: str) -> None:
        for number in itertools.takewhile(lambda _: not ended.is_set(), range(5000)):
            body = {"metadata": {"annotations": {who: str(number)}}}
            write(kube, "PATCH", "resourcequotas/q", who, body, MERGE)

    with ThreadPoolExecutor(4) as pool:
        changing = [pool.submit(change, f"others-{who}") for who in range(4)]
        try:
            for number in range(30):
                kube.create(MAP, kube.inputs(MAP, f"a-{number}"))
        finally:
            ended.set()
        assert [one.result() for one in changing] == [None] * 4


def test_an_update_of_what_is_gone_says_to_refresh(kube):
    inputs = kube.inputs(MAP, "a", data={"a": "1"})
    made = kube.create(MAP, inputs)
    kube.delete(MAP, made, inputs)
    with pytest.raises(ProviderError, match="is gone from the cluster; refresh"):
        kube.update(MAP, made, inputs)


def test_orphans_are_left_where_that_is_asked_for(kube):
    policy = {"annotations": {"pulumi.com/deletionPropagationPolicy": "orphan"}}
    inputs = kube.inputs("apps/v1:Deployment", "a", metadata=policy, spec=deployment_spec())
    made = kube.create("apps/v1:Deployment", inputs)
    kube.delete("apps/v1:Deployment", made, inputs)
    left = write(kube, "GET", "pods", "robot", None)
    assert [one["metadata"]["name"][:2] for one in left["items"]] == ["a-"]


def test_a_finalizer_that_holds_an_object_is_named(kube):
    inputs = kube.inputs(MAP, "a", metadata={"finalizers": ["example.com/hold"]})
    made = kube.create(MAP, inputs)
    with pytest.raises(ProviderError, match=r"still there after 1 seconds: finalizers example\.com/hold hold it"):
        kube.delete(MAP, made, inputs, timeout=1)
    write(kube, "PATCH", "configmaps/a", "robot", {"metadata": {"finalizers": None}}, MERGE)
