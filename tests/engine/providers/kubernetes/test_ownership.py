"""Whose fields are whose."""

from tenantmesh.engine.providers.kubernetes.ownership import (
    is_made_by,
    needs_take_over,
    taken_over,
    without_ignored,
)


def entry(manager: str, operation: str, fields: dict, **more: str) -> dict:
    return {"manager": manager, "operation": operation, "fieldsV1": fields, **more}


def live(*entries: dict, **body) -> dict:
    return {"apiVersion": "v1", "metadata": {"managedFields": list(entries)}, **body}


def test_what_kubectl_and_the_real_provider_set_is_taken_over():
    for manager, operation in (
        ("kubectl", "Apply"),
        ("kubectl-client-side-apply", "Update"),
        ("kubectl-edit", "Update"),
        ("pulumi-kubernetes", "Update"),
        ("before-first-apply", "Update"),
    ):
        assert needs_take_over(live(entry(manager, operation, {}))), manager


def test_what_others_set_is_not():
    for manager, operation in (
        ("robot", "Apply"),
        ("kube-controller-manager", "Update"),
        ("pulumi-kubernetes-1", "Apply"),
    ):
        assert not needs_take_over(live(entry(manager, operation, {}))), manager
    status = entry("kubectl-edit", "Update", {}, subresource="status")
    assert not needs_take_over(live(status))


def test_fields_that_are_taken_over_join_ones_own():
    mine = entry("mine", "Apply", {"f:spec": {"f:a": {}}})
    theirs = entry("kubectl-edit", "Update", {"f:spec": {"f:b": {}}, "f:data": {}})
    robot = entry("robot", "Update", {"f:spec": {"f:c": {}}})
    own, *rest = taken_over(live(mine, theirs, robot), "mine")
    assert (own["manager"], own["operation"]) == ("mine", "Apply")
    assert own["fieldsV1"] == {"f:spec": {"f:a": {}, "f:b": {}}, "f:data": {}}
    assert rest == [robot]


BODY = {"spec": {"replicas": 1, "paused": True}}


def test_an_ignored_field_of_another_is_not_applied():
    found = live(entry("hpa", "Update", {"f:spec": {"f:replicas": {}}}), spec={"replicas": 7})
    assert without_ignored(BODY, found, "mine", ["spec.replicas"]) == {"spec": {"paused": True}}


def test_an_ignored_field_of_ones_own_is_applied_as_it_is():
    """Left out, it would be removed; applied as written, it would be changed."""
    both = entry("mine", "Apply", {"f:spec": {"f:replicas": {}}})
    found = live(both, entry("hpa", "Update", {"f:spec": {"f:replicas": {}}}), spec={"replicas": 7})
    assert without_ignored(BODY, found, "mine", ["spec.replicas"]) == {"spec": {"replicas": 7, "paused": True}}


def test_an_ignored_field_that_is_not_there_is_applied_as_written():
    assert without_ignored(BODY, live(), "mine", ["spec.replicas", "spec.items[0].a", "data.x"]) == BODY


def test_only_a_bare_object_is_known_by_having_no_manager():
    bare = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    labelled = {**bare, "metadata": {"name": "a", "labels": {}}}
    assert is_made_by(live(), bare, "mine")
    assert not is_made_by(live(), labelled, "mine")
    assert not is_made_by(live(entry("robot", "Update", {})), bare, "mine")
    assert is_made_by(live(entry("mine", "Apply", {})), labelled, "mine")
