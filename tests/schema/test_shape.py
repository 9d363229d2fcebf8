"""The shape of a kind: types, required fields and words, whatever else is in a body."""

import functools

import pytest

from tenantmesh.schema import shaped


def body(kind, version, **fields):
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "namespace": "b"}, **fields}


def test_a_good_body_is_itself(good):
    assert shaped(good).body is good


SET_NULL = {"request": {"set": {"a": None}}}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            body("Service", "v1", spec={"selector": [], "ports": "x"}),
            ("spec.ports: must be array, not string", "spec.selector: must be object, not array"),
        ),
        (
            body("Deployment", "apps/v1", spec={"selector": {}, "template": 5}),
            ("spec.template: must be object, not integer",),
        ),
        (
            body("Pod", "v1", spec={"containers": None}),
            ("spec.containers: required, but missing",),
        ),
        (
            body("AuthorizationPolicy", "security.istio.io/v1beta1", spec={"rules": {}, "action": "DENI"}),
            (
                'spec.action: "DENI" is not one of ALLOW, DENY, AUDIT, CUSTOM (did you mean "DENY"?)',
                "spec.rules: must be array, not object",
            ),
        ),
        (
            body("VirtualService", "networking.istio.io/v1", spec={"http": [{"headers": SET_NULL}]}),
            ("spec.http[0].headers.request.set.a: must be string, not null",),
        ),
        (
            body("XListenerSet", "gateway.networking.x-k8s.io/v1alpha1", spec={"parentRef": [], "listeners": [{}]}),
            (
                "spec.listeners[0].name: required, but missing",
                "spec.listeners[0].port: required, but missing",
                "spec.listeners[0].protocol: required, but missing",
                "spec.parentRef: must be object, not array",
            ),
        ),
    ],
)  # fmt: skip
def test_every_field_of_a_wrong_shape_is_named(wrong, says):
    assert shaped(wrong).misfits == says


def test_what_is_nested_without_end_is_a_misfit():
    deep = functools.reduce(lambda value, _: [value], range(300), "x")
    assert shaped(body("Service", "v1", spec={"selector": deep})).misfits == (
        "nested deeper than any object of this kind",
    )


def test_what_is_unknown_is_let_pass():
    """It is for readers to say what they don't understand."""
    odd = body("Service", "v1", spec={"new": 5}, other=[None])
    assert shaped(odd) == (odd, ())
    assert shaped(body("Widget", "example.com/v1", spec=[5])).misfits == ()


def test_nulls_are_taken_as_the_api_server_takes_them():
    found = shaped(
        body(
            "Service",
            "v1",
            spec={"ports": None, "selector": {"app": None}, "sessionAffinityConfig": {"clientIP": None}},
        )
    )
    assert found == (body("Service", "v1", spec={"selector": {"app": ""}, "sessionAffinityConfig": {}}), ())
    assert shaped(body("Widget", "example.com/v1", spec={"a": None, "b": 1})).body["spec"] == {"b": 1}
