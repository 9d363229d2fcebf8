"""Fields have managers: what others made or set is left alone, taken over, or refused by their names."""

import pytest

from tenantmesh.engine.provider import Ambient
from tenantmesh.errors import ProviderError
from tests.engine.providers.kubernetes.others import MAP, MERGE, deployment_spec, write

from .conftest import Kube

pytestmark = pytest.mark.controlplane


@pytest.fixture
def other(kube):
    """Another stack, and so another field manager."""
    ambient = Ambient(project="demo", stack="other", kubeconfig=kube.ambient.kubeconfig)
    return Kube(ambient, namespace=kube.namespace)


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
