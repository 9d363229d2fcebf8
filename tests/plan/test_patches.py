"""Patches: the last word on a planned object, checked like the first."""

import pytest

from tenantmesh.errors import ArgsError, BodyError

REPLICAS = {"op": "replace", "path": "/spec/replicas", "value": 4}


def patch(kind, name, *operations, **more):
    fixed = {"domain": "acme.example.com", "ingress": {"replicas": {"minimum": 2}}}
    return {**fixed, "settings": {"patches": [{"kind": kind, "name": name, "operations": list(operations), **more}]}}


def test_a_patch_changes_its_object_and_no_other(planned):
    before = planned({"domain": "acme.example.com", "ingress": {"replicas": {"minimum": 2}}})
    after = planned(patch("Deployment", "acme-ingress", REPLICAS))
    assert after.spec("Deployment", "acme-ingress")["replicas"] == 4
    assert sum(one != other for one, other in zip(before.bodies, after.bodies, strict=True)) == 1


def test_a_patch_that_matches_nothing_is_an_error(planned):
    with pytest.raises(
        ArgsError, match=r"settings.patches\[0\]: matches no object .* no Deployment other/acme-ingress"
    ):
        planned(patch("Deployment", "acme-ingress", REPLICAS, namespace="other"))


def test_a_patch_that_does_not_fit_is_an_error(planned):
    with pytest.raises(ArgsError, match="does not fit Deployment acme/acme-ingress"):
        planned(patch("Deployment", "acme-ingress", {"op": "remove", "path": "/spec/paused"}))


def test_a_patch_may_not_make_another_object(planned):
    with pytest.raises(ArgsError, match="may not change the kind, name or namespace"):
        planned(patch("Namespace", "acme", {"op": "replace", "path": "/metadata/name", "value": "globex"}))


def test_a_patched_object_must_still_fit_its_schema(planned):
    with pytest.raises(BodyError, match="replicaz"):
        planned(patch("Deployment", "acme-ingress", {"op": "add", "path": "/spec/replicaz", "value": 4}))


def test_an_opaque_value_beside_a_patch_stays_itself(planned):
    leaf = object()
    args = patch("Service", "acme-ingress", {"op": "add", "path": "/spec/sessionAffinity", "value": "ClientIP"})
    args["ingress"]["service"] = {"annotations": {"cloud.example/kind": leaf}}
    body = planned(args).one("Service", "acme-ingress")
    assert body["spec"]["sessionAffinity"] == "ClientIP"
    assert body["metadata"]["annotations"]["cloud.example/kind"] is leaf
