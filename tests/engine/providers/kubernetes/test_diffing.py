"""What counts as a change, what replaces an object, and how a change is spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.engine.provider import Created, DiffKind
from tenantmesh.engine.providers.kubernetes.diffing import Comparison, compare
from tenantmesh.engine.providers.kubernetes.pruning import prune
from tenantmesh.engine.providers.kubernetes.replacement import forcing_fields
from tenantmesh.engine.providers.kubernetes.tokens import Kind
from tenantmesh.engine.values import UNKNOWN

CONFIG_MAP = Kind(group="", version="v1", kind="ConfigMap")
DEPLOYMENT = Kind(group="apps", version="v1", kind="Deployment")
WIDGET = Kind(group="example.com", version="v1", kind="Widget")


def changes(kind: Kind, live: dict, asked: dict, wanted: dict) -> dict[str, str]:
    forcing = forcing_fields(kind, data_is_fixed=True)
    found = compare(Comparison(kind=kind, live=live, asked=asked, wanted=wanted, forcing=forcing))
    return {path: item.kind.value for path, item in found.items()}


def test_what_the_cluster_fills_in_is_no_change():
    asked = {"spec": {"replicas": 1}}
    live = {"spec": {"replicas": 1, "paused": True}, "status": {"replicas": 1}}
    assert changes(DEPLOYMENT, live, asked, asked) == {}


def test_a_drifted_field_is_a_change_back():
    asked = {"spec": {"replicas": 2}}
    assert changes(DEPLOYMENT, {"spec": {"replicas": 5}}, asked, asked) == {"spec.replicas": "update"}


def test_kinds_of_changes():
    asked = {"spec": {"a": 1, "b": 1}}
    wanted = {"spec": {"b": 2, "c": 3}}
    assert changes(WIDGET, asked, asked, wanted) == {"spec.a": "delete", "spec.b": "update", "spec.c": "add"}


def test_items_of_lists_are_compared_in_their_order():
    asked = {"spec": {"ports": [{"port": 1, "name": "a"}, {"port": 2}]}}
    wanted = {"spec": {"ports": [{"port": 3}]}}
    assert changes(WIDGET, asked, asked, wanted) == {
        "spec.ports[0].name": "delete",
        "spec.ports[0].port": "update",
        "spec.ports[1]": "delete",
    }


def test_keys_with_dots_are_quoted_in_paths():
    wanted = {"metadata": {"labels": {"a.b/c": "d", "plain": "e"}}}
    found = changes(WIDGET, {"metadata": {"labels": {}}}, {"metadata": {"labels": {}}}, wanted)
    assert found == {'metadata.labels["a.b/c"]': "add", "metadata.labels.plain": "add"}


def test_quantities_are_equal_however_they_are_written():
    def resources(cpu, memory):
        limits = {"cpu": cpu, "memory": memory}
        return {"spec": {"template": {"spec": {"containers": [{"resources": {"limits": limits}}]}}}}

    live, asked = resources("1", "1Gi"), resources("1000m", "1024Mi")
    assert changes(DEPLOYMENT, live, asked, asked) == {}
    assert len(changes(DEPLOYMENT, live, asked, resources("1001m", "1024Mi"))) == 1
    assert len(changes(WIDGET, live, asked, asked)) == 2, "a custom kind's texts are only texts"


def test_numbers_in_data_are_texts():
    wanted = {"data": {"hard": "1000"}}
    assert changes(CONFIG_MAP, {"data": {"hard": "1k"}}, {"data": {"hard": "1k"}}, wanted) != {}


def test_values_that_the_server_leaves_out_are_no_change():
    asked = {"spec": {"template": {"spec": {"hostNetwork": False, "volumes": [], "dnsPolicy": "Default"}}}}
    live = {"spec": {"template": {"spec": {"dnsPolicy": "Default"}}}}
    assert changes(DEPLOYMENT, live, asked, asked) == {}


def test_an_empty_text_in_data_is_a_value():
    assert changes(CONFIG_MAP, {"data": {}}, {"data": {}}, {"data": {"a": ""}}) == {"data.a": "add-replace"}


def test_a_secrets_texts_are_compared_as_the_data_that_they_become(offline):
    inputs = offline.inputs("core/v1:Secret", "a", stringData={"key": "value"})
    remembered = {**inputs, "stringData": {"key": "value"}}
    del remembered["data"]
    old = Created(id="default/a", outputs={**inputs, "__inputs": remembered})
    assert not offline.diff("core/v1:Secret", old, inputs).changes
    changed = offline.inputs("core/v1:Secret", "a", stringData={"key": "other"})
    assert offline.diff("core/v1:Secret", old, changed).replaces == ("data.key",)


def test_true_is_not_one():
    assert changes(WIDGET, {"spec": {"a": 1}}, {"spec": {"a": 1}}, {"spec": {"a": True}}) == {"spec.a": "update"}


def test_what_is_not_known_yet_is_a_change():
    live = {"spec": {"a": 1}}
    assert changes(WIDGET, live, live, {"spec": {"a": UNKNOWN, "b": UNKNOWN}}) == {"spec.a": "update", "spec.b": "add"}


def test_metadata_of_the_server_is_no_change():
    metadata = {"name": "a", "uid": "u", "resourceVersion": "7", "generation": 2}
    assert changes(WIDGET, {"metadata": metadata}, {"metadata": metadata}, {"metadata": {"name": "a"}}) == {}


REPLACED = [
    ("core/v1:ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}, ("data.a",)),
    ("core/v1:ConfigMap", {"data": {}}, {"data": {}, "binaryData": {"a": "eA=="}}, ("binaryData",)),
    ("core/v1:Secret", {"type": "Opaque"}, {"type": "other"}, ("type",)),
    ("core/v1:Service", {"spec": {"clusterIP": "10.0.0.1"}}, {"spec": {"clusterIP": "None"}}, ("spec.clusterIP",)),
    ("core/v1:Service", {"spec": {"type": "ClusterIP"}}, {"spec": {"type": "NodePort"}}, ()),
    ("apps/v1:Deployment", {"spec": {"selector": {"matchLabels": {"a": "1"}}}},
     {"spec": {"selector": {"matchLabels": {"a": "2"}}}}, ("spec.selector.matchLabels.a",)),
    ("apps/v1:Deployment", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, ()),
    ("apps/v1:StatefulSet", {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}}, ("spec.serviceName",)),
    ("batch/v1:Job", {"spec": {"template": {"spec": {"x": 1}}}}, {"spec": {"template": {"spec": {"x": 2}}}},
     ("spec.template.spec.x",)),
    ("batch/v1:Job", {"spec": {"backoffLimit": 1}}, {"spec": {"backoffLimit": 2}}, ()),
    ("core/v1:Pod", {"spec": {"containers": [{"image": "a"}]}}, {"spec": {"containers": [{"image": "b"}]}},
     ("spec.containers[0].image",)),
    ("core/v1:Pod", {"spec": {"containers": []}}, {"spec": {"containers": [{"image": "b"}]}}, ("spec.containers[0]",)),
    ("core/v1:PersistentVolumeClaim", {"spec": {"storageClassName": "a"}}, {"spec": {"storageClassName": "b"}},
     ("spec.storageClassName",)),
    ("rbac.authorization.k8s.io/v1:RoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}},
     ("roleRef.name",)),
    ("rbac.authorization.k8s.io/v1:RoleBinding", {"subjects": []}, {"subjects": [{"name": "b"}]}, ()),
    ("storage.k8s.io/v1:StorageClass", {"provisioner": "a"}, {"provisioner": "b"}, ("provisioner",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "after", "replaces"), REPLACED)
def test_fields_that_replace_an_object(offline, kind, before, after, replaces):
    old_inputs = offline.inputs(kind, "a", **before)
    old = Created(id="a", outputs={**old_inputs, "__inputs": old_inputs})
    diff = offline.diff(kind, old, offline.inputs(kind, "a", **after))
    assert diff.changes
    assert diff.replaces == replaces
    assert diff.delete_before_replace == bool(replaces)


def test_another_name_replaces_without_deleting_first(offline):
    inputs = offline.inputs("core/v1:ConfigMap", "a")
    old = Created(id="default/a", outputs={**inputs, "__inputs": inputs})
    diff = offline.diff("core/v1:ConfigMap", old, offline.inputs("core/v1:ConfigMap", "b"))
    assert diff.replaces == ("metadata.name",)
    assert not diff.delete_before_replace


def test_a_made_name_is_replaced_without_deleting_first(offline):
    inputs = offline.check("core/v1:ConfigMap", {"data": {"a": "1"}}).inputs
    old = Created(id="default/a", outputs={**inputs, "__inputs": inputs})
    diff = offline.diff("core/v1:ConfigMap", old, {**inputs, "data": {"a": "2"}})
    assert diff.replaces == ("data.a",)
    assert not diff.delete_before_replace


def test_mutable_data_changes_in_place(offline):
    offline.provider.configure({"enableConfigMapMutable": "true"})
    inputs = offline.inputs("core/v1:ConfigMap", "a", data={"a": "1"})
    old = Created(id="default/a", outputs={**inputs, "__inputs": inputs})
    assert offline.diff("core/v1:ConfigMap", old, {**inputs, "data": {"a": "2"}}).replaces == ()
    fixed = {**inputs, "immutable": True, "data": {"a": "2"}}
    assert offline.diff("core/v1:ConfigMap", old, fixed).replaces == ("data.a",)


def test_a_patch_is_replaced_only_for_another_object(offline):
    inputs = offline.inputs("core/v1:ConfigMapPatch", "a", kind="ConfigMap", data={"a": "1"})
    old = Created(id="default/a", outputs={**inputs, "__inputs": inputs})
    diff = offline.diff("core/v1:ConfigMapPatch", old, {**inputs, "data": {"a": "2"}})
    assert diff.changes
    assert diff.replaces == ()


def test_ignored_paths_are_no_change(offline):
    inputs = offline.inputs("apps/v1:Deployment", "a", spec={"replicas": 2, "paused": True})
    drifted = {**inputs, "spec": {"replicas": 7, "paused": False}}
    old = Created(id="default/a", outputs={**drifted, "__inputs": inputs})
    assert set(offline.diff("apps/v1:Deployment", old, inputs).detailed) == {"spec.replicas", "spec.paused"}
    diff = offline.diff("apps/v1:Deployment", old, inputs, ignore_changes=("spec.replicas",))
    assert set(diff.detailed) == {"spec.paused"}


def test_only_a_deletion_is_a_difference_of_inputs(offline):
    """As the real provider reports it, and so `pulumi preview --json` prints it."""
    inputs = offline.inputs("core/v1:ConfigMap", "a", metadata={"labels": {"a": "1"}})
    old = Created(id="default/a", outputs={**inputs, "__inputs": inputs})
    wanted = offline.inputs("core/v1:ConfigMap", "a", metadata={"labels": {"b": "2"}})
    detailed = offline.diff("core/v1:ConfigMap", old, wanted).detailed
    assert detailed["metadata.labels.a"].kind is DiffKind.DELETE
    assert detailed["metadata.labels.a"].input_diff
    assert not detailed["metadata.labels.b"].input_diff


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["spec", "data", "rules"]), json_values)


@given(objects)
def test_nothing_differs_from_itself(body):
    assert changes(WIDGET, body, body, body) == {}
    assert changes(CONFIG_MAP, body, body, body) == {}


@given(objects, objects)
def test_a_change_is_found_unless_both_mean_the_same(one, other):
    def plain(value):
        """Without absent values, which an object has or has not."""
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if item is not None}
        return [plain(item) for item in value] if isinstance(value, list) else value

    if repr(_sorted(plain(one))) != repr(_sorted(plain(other))):
        assert changes(WIDGET, one, one, other)


@given(objects, objects)
def test_pruning_keeps_no_key_that_was_not_asked_for(live, asked):
    assert set(prune(live, asked)) == set(live) & set(asked)


def _sorted(value):
    if isinstance(value, dict):
        return sorted((key, _sorted(item)) for key, item in value.items())
    return [_sorted(item) for item in value] if isinstance(value, list) else value
