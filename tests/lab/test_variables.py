"""The environment of a container is filled in as a kubelet does it."""

from tenantmesh.lab.variables import expanded, variables

POD = {
    "metadata": {"name": "shop-1", "namespace": "acme", "labels": {"app": "shop"}},
    "spec": {"serviceAccountName": "shop", "nodeName": "lab"},
}
RESOURCES = {"limits": {"cpu": "1500m", "memory": "256Mi"}}


def value(entry, container=None):
    given = {"env": [{"name": "X", **entry}], **(container or {})}
    return variables(POD, given, address="10.0.0.7", host="10.0.0.1")["X"]


def field(path):
    return value({"valueFrom": {"fieldRef": {"fieldPath": path}}})


def resource(name, **container):
    return value({"valueFrom": {"resourceFieldRef": {"resource": name, "divisor": "1"}}}, container)


def test_fields_of_the_pod_are_told():
    assert field("metadata.namespace") == "acme"
    assert field("spec.serviceAccountName") == "shop"
    assert field("metadata.labels['app']") == "shop"


def test_the_pods_and_the_nodes_address_are_told_before_the_status_has_them():
    assert (field("status.podIP"), field("status.hostIP")) == ("10.0.0.7", "10.0.0.1")


def test_a_field_that_is_not_there_is_empty():
    assert (field("metadata.uid"), field("metadata.annotations['none']")) == ("", "")


def test_limits_are_told_in_whole_cpus_rounded_up_and_in_bytes():
    assert resource("limits.cpu", resources=RESOURCES) == "2"
    assert resource("limits.memory", resources=RESOURCES) == str(256 * 2**20)


def test_without_limits_the_nodes_size_is_told():
    assert (resource("limits.cpu"), resource("limits.memory")) == ("16", str(64 * 2**30))


def test_a_variable_may_refer_to_one_before_it():
    env = [{"name": "A", "value": "a"}, {"name": "B", "value": "$(A)-$(MISSING)"}]
    assert variables(POD, {"env": env}, address="", host="") == {"A": "a", "B": "a-$(MISSING)"}


def test_arguments_refer_to_variables():
    assert expanded("$(POD_NAMESPACE).svc.$(NOT", {"POD_NAMESPACE": "acme"}) == "acme.svc.$(NOT"
