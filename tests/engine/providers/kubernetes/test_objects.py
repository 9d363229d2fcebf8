"""Objects on a real API server: made, previewed, changed, read, found again and removed."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.kubernetes.client import Client
from tenantmesh.engine.providers.kubernetes.kubeconfig import resolve
from tenantmesh.engine.providers.kubernetes.settings import ClientSettings, Settings
from tenantmesh.engine.values import UNKNOWN, reveal
from tenantmesh.errors import ProviderError

from .conftest import Kube

pytestmark = pytest.mark.controlplane
MAP = "core/v1:ConfigMap"


@pytest.fixture
def other(kube):
    """Another stack, and so another field manager."""
    ambient = Ambient(project="demo", stack="other", kubeconfig=kube.ambient.kubeconfig)
    return Kube(ambient, namespace=kube.namespace)


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


def test_an_object_that_exists_is_not_taken(kube, other):
    made = kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    for one in (kube, other):
        with pytest.raises(ProviderError, match=f"ConfigMap {kube.namespace}/a already exists"):
            one.create(MAP, one.inputs(MAP, "a", data={"a": "2"}))
    assert kube.read(MAP, made, made.outputs["__inputs"]).outputs["data"] == {"a": "1"}


def test_an_object_is_applied_over_where_that_is_asked_for(kube):
    kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    config = {"upsertExistingObjects": "true", "enablePatchForce": True}
    upserting = Kube(Ambient(stack="x", kubeconfig=kube.ambient.kubeconfig), config, kube.namespace)
    made = upserting.create(MAP, upserting.inputs(MAP, "a", data={"a": "2"}))
    assert made.outputs["data"] == {"a": "2"}


def test_a_crashed_create_is_found_by_its_manager_only(kube, other):
    inputs = kube.inputs(MAP, "a", data={"a": "1"})
    assert kube.provider.locate(kube.resource(MAP), inputs) is None
    kube.create(MAP, inputs)
    assert kube.provider.locate(kube.resource(MAP), inputs) == f"{kube.namespace}/a"
    assert other.provider.locate(other.resource(MAP), inputs) is None


def test_a_namespace_without_any_field_is_found_too(kube):
    """The server records no manager for an apply of nothing but a name."""
    inputs = kube.check("core/v1:Namespace", {"metadata": {"name": f"{kube.namespace}-x"}}).inputs
    made = kube.create("core/v1:Namespace", inputs)
    assert kube.provider.locate(kube.resource("core/v1:Namespace"), inputs) == made.id
    foreign = kube.check("core/v1:Namespace", {"metadata": {"name": "kube-system"}}).inputs
    assert kube.provider.locate(kube.resource("core/v1:Namespace"), foreign) is None
    kube.delete("core/v1:Namespace", made, inputs)
    assert kube.read("core/v1:Namespace", made, inputs) is None, "the deletion waited until it was gone"


def test_a_conflict_names_the_other_manager_and_the_field(kube, other):
    inputs = kube.inputs("apps/v1:Deployment", "a", spec=deployment_spec())
    made = kube.create("apps/v1:Deployment", inputs)
    forced = {**inputs, "spec": {**inputs["spec"], "paused": True}}
    forced["metadata"] = {**inputs["metadata"], "annotations": {"pulumi.com/patchForce": "true"}}
    other.create("apps/v1:DeploymentPatch", other.inputs("apps/v1:DeploymentPatch", "a", kind="Deployment",
        apiVersion="apps/v1", spec={"paused": True}))  # fmt: skip
    with pytest.raises(
        ProviderError, match=r"Deployment .*/a: Apply failed .*tenantmesh-demo-other.*\.spec\.paused"
    ) as told:
        kube.update("apps/v1:Deployment", made, {**inputs, "spec": {**inputs["spec"], "paused": False}})
    assert "pulumi.com/patchForce" in str(told.value)
    kube.update("apps/v1:Deployment", made, forced)


def test_ignored_fields_of_other_managers_are_left_alone(kube, other):
    kind = "apps/v1:Deployment"
    inputs = kube.inputs(kind, "a", spec=deployment_spec(replicas=0))
    released = {**inputs, "spec": {key: value for key, value in inputs["spec"].items() if key != "replicas"}}
    made = kube.create(kind, released)
    patch = {"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"replicas": 2}}
    force = {"annotations": {"pulumi.com/patchForce": "true"}}
    other.create("apps/v1:DeploymentPatch", other.inputs("apps/v1:DeploymentPatch", "a", metadata=force, **patch))
    labelled = {**inputs, "metadata": {**inputs["metadata"], "labels": {"a": "b"}}}
    changed = kube.update(kind, made, labelled, ignore_changes=("spec.replicas",))
    assert changed.outputs["spec"]["replicas"] == 2
    assert changed.outputs["metadata"]["labels"] == {"a": "b"}


def test_drift_is_seen_after_a_refresh_and_undone(kube):
    inputs = kube.inputs(MAP, "a", data={"a": "1"}, metadata={"labels": {"l": "1"}})
    made = kube.create(MAP, inputs)
    write(kube, "PATCH", "configmaps/a", "robot", {"metadata": {"labels": {"l": "2", "extra": "1"}}}, MERGE)
    found = kube.read(MAP, made, inputs)
    assert found.outputs["metadata"]["labels"] == {"extra": "1", "l": "2"}
    assert found.inputs["metadata"]["labels"] == {"l": "2"}, "labels of others are no inputs"
    diff = kube.diff(MAP, found, inputs)
    assert set(diff.detailed) == {"metadata.labels.l"}
    with pytest.raises(ProviderError, match='conflict with "robot"'):
        kube.update(MAP, found, inputs)
    forced = {**inputs["metadata"], "annotations": {"pulumi.com/patchForce": "true"}}
    assert kube.update(MAP, found, {**inputs, "metadata": forced}).outputs["metadata"]["labels"] == {
        "extra": "1",
        "l": "1",
    }


def test_what_kubectl_apply_made_is_taken_over_by_an_import_and_an_update(kube):
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "1", "b": "2"}}
    write(kube, "POST", "configmaps", "kubectl-client-side-apply", manifest)
    found = kube.live(MAP, "a")
    assert found.inputs == {**manifest, "metadata": {"name": "a", "namespace": kube.namespace}}
    assert not kube.diff(MAP, found, found.inputs).changes
    changed = kube.update(MAP, found, {**found.inputs, "data": {"a": "3"}})
    assert changed.outputs["data"] == {"a": "3"}, "the field that kubectl had set and that is not asked for is gone"


def test_what_the_real_provider_made_is_updated_under_its_manager(kube):
    """It creates as pulumi-kubernetes and updates under the name in the state."""
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "1", "b": "2"}}
    write(kube, "POST", "configmaps", "pulumi-kubernetes", manifest)
    live = kube.live(MAP, "a")
    state = {**live.outputs, "__inputs": live.inputs, "__fieldManager": "pulumi-kubernetes-0a1b2c3d"}
    made = type(live)(id=live.id, outputs=state, inputs=live.inputs)
    assert not kube.diff(MAP, made, live.inputs).changes
    changed = kube.update(MAP, made, {**live.inputs, "data": {"b": "3"}})
    assert changed.outputs["data"] == {"b": "3"}
    assert changed.outputs["__fieldManager"] == "pulumi-kubernetes-0a1b2c3d"
    managers = {entry["manager"] for entry in changed.outputs["metadata"]["managedFields"]}
    assert managers == {"pulumi-kubernetes-0a1b2c3d"}


def test_a_secrets_copies_in_the_state_are_all_secret(kube):
    inputs = kube.inputs("core/v1:Secret", "a", stringData={"key": "marker-51"})
    made = kube.create("core/v1:Secret", inputs)
    always = kube.provider.secret_outputs("kubernetes:core/v1:Secret")
    shown = {key: value for key, value in made.outputs.items() if key not in always}
    assert "bWFya2VyLTUx" not in repr(shown)
    assert reveal(shown)["__inputs"]["data"] == {"key": "bWFya2VyLTUx"}
    assert not kube.diff("core/v1:Secret", made, inputs).changes


def test_a_preview_is_the_servers_dry_run(kube):
    inputs = kube.inputs("core/v1:Service", "a", spec={"ports": [{"port": 80}]})
    outputs = kube.preview("core/v1:Service", inputs)
    assert outputs["spec"]["type"] == "ClusterIP"
    assert outputs["spec"]["ports"][0]["protocol"] == "TCP"
    assert "status" not in outputs
    assert kube.live("core/v1:Service", "a") is None


def test_a_preview_of_a_change_is_the_servers_dry_run(kube):
    made = kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    wanted = kube.inputs(MAP, "a", data={"a": "2"})
    assert kube.update(MAP, made, wanted, preview=True).outputs["data"] == {"a": "2"}
    assert kube.live(MAP, "a").outputs["data"] == {"a": "1"}


@pytest.mark.parametrize("inputs", [{"data": {"a": UNKNOWN}}, {"metadata": {"namespace": "not-there-yet"}}])
def test_a_preview_that_the_server_can_not_answer_is_the_inputs(kube, inputs):
    checked = kube.inputs(MAP, "a", **inputs)
    assert kube.preview(MAP, checked) == checked


def test_a_preview_of_an_object_that_exists_does_not_fail(kube):
    """It may be replaced under its name, which only the engine knows."""
    inputs = kube.inputs(MAP, "a", data={"a": "1"})
    kube.create(MAP, inputs)
    assert kube.preview(MAP, inputs) == inputs


def test_a_bad_body_fails_the_preview_in_the_servers_words(kube):
    inputs = kube.inputs("core/v1:Service", "a", spec={"ports": [{"port": 99999}]})
    with pytest.raises(ProviderError, match=r"Service .*/a: .*spec\.ports\[0\]\.port: Invalid value: 99999"):
        kube.preview("core/v1:Service", inputs)
    misspelt = kube.inputs("core/v1:Service", "a", spec={"prots": []})
    with pytest.raises(ProviderError, match=r"\.spec\.prots: field not declared in schema"):
        kube.preview("core/v1:Service", misspelt)


def test_a_missing_kind_is_named_with_its_definition_at_the_preview(kube):
    inputs = kube.inputs("networking.example.io/v1:Gateway", "a", spec={})
    for _ in range(3):
        with pytest.raises(ProviderError, match=r"CustomResourceDefinition gateways\.networking\.example\.io.*install"):
            kube.preview("networking.example.io/v1:Gateway", inputs)


def test_a_served_group_in_another_version_says_which_are_served(kube):
    inputs = kube.inputs("networking.istio.io/v9:Gateway", "a", spec={})
    with pytest.raises(ProviderError, match=r"of networking\.istio\.io it serves .*v1"):
        kube.preview("networking.istio.io/v9:Gateway", inputs)


def test_a_kind_may_be_defined_in_the_same_program(kube):
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    definition = kube.check("apiextensions.k8s.io/v1:CustomResourceDefinition", crd(group), name="crd").inputs
    inputs = kube.inputs(f"{group}/v1:Widget", "a", spec={"size": 3})
    assert kube.preview(f"{group}/v1:Widget", inputs) == inputs
    kind = "apiextensions.k8s.io/v1:CustomResourceDefinition"
    made = kube.create(kind, definition)
    assert {"Established"} <= {one["type"] for one in made.outputs["status"]["conditions"] if one["status"] == "True"}
    schema = made.outputs["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert schema["x_kubernetes_preserve_unknown_fields"] is True
    assert not kube.diff(kind, made, definition).changes
    widget = kube.create(f"{group}/v1:Widget", inputs)
    assert widget.outputs["spec"] == {"size": 3}
    with pytest.raises(ProviderError, match="already exists"):
        kube.create(f"{group}/v1:Widget", inputs)
    kube.delete(kind, made, definition)
    assert kube.read(f"{group}/v1:Widget", widget, inputs) is None
    kube.delete(f"{group}/v1:Widget", widget, inputs)


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


def test_a_patch_gives_its_fields_back_and_deletes_nothing(kube, other):
    made = kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    kind = "core/v1:ConfigMapPatch"
    inputs = other.inputs(kind, "a", kind="ConfigMap", apiVersion="v1", data={"b": "2"})
    patch = other.create(kind, inputs)
    assert patch.outputs["data"] == {"a": "1", "b": "2"}
    assert not other.diff(kind, patch, inputs).changes
    more = other.inputs(kind, "a", kind="ConfigMap", apiVersion="v1", data={"c": "3"})
    assert other.update(kind, patch, more).outputs["data"] == {"a": "1", "c": "3"}
    other.delete(kind, patch, more)
    assert kube.read(MAP, made, made.outputs["__inputs"]).outputs["data"] == {"a": "1"}


def test_two_patches_of_one_object_do_not_undo_each_other(kube):
    kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    kind = "core/v1:ConfigMapPatch"
    for key in ("b", "c"):
        inputs = kube.inputs(kind, "a", kind="ConfigMap", apiVersion="v1", data={key: "2"})
        kube.create(kind, inputs, name=key)
    assert set(kube.live(MAP, "a").outputs["data"]) == {"a", "b", "c"}


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


def deployment_spec(replicas: int = 1, **pod) -> dict:
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "a:1"}], **pod}}
    return {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}


def crd(group: str) -> dict:
    schema = {"openAPIV3Schema": {"type": "object", "x_kubernetes_preserve_unknown_fields": True}}
    names = {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": versions}
    return {"metadata": {"name": f"widgets.{group}"}, "spec": spec}


def write(kube: Kube, method: str, path: str, manager: str, body: object, media: str = "application/json") -> object:
    """Somebody else's request to the API server."""
    client = Client(resolve(Settings(), kube.ambient), ClientSettings(), {})
    where = f"/api/v1/namespaces/{kube.namespace}/{path}"
    return client.request(method, where, query={"fieldManager": manager}, body=body, media=media)


MERGE = "application/merge-patch+json"
