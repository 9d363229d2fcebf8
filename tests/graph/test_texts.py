"""The text of each namespace: all that is there, and nothing of what keys are."""

from tests.graph.pods import cluster, namespace, pod

SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "acme"}}


def pod_in(name):
    return {**pod(), "metadata": {"name": "web", "namespace": name}}


def text_of(name, *bodies):
    found = cluster(*bodies).texts[name]
    assert found is not None
    return found


def test_namespaces_that_differ_in_names_alone_have_texts_that_do():
    bodies = [body for name in ("acme", "zenith") for body in (namespace(name), pod_in(name))]
    assert text_of("acme", *bodies).replace(b"acme", b"zenith") == text_of("zenith", *bodies)


def test_a_text_has_the_namespace_itself_and_what_defaults_say():
    found = text_of("acme", namespace(), pod())
    assert b'"kind":"Namespace"' in found
    assert b'"serviceAccountName":"default"' in found


def test_an_object_without_a_namespace_is_in_the_default_one():
    assert b'"bare"' in text_of("default", {**pod(), "metadata": {"name": "bare"}})


def test_a_secrets_text_tells_the_fields_and_not_what_they_hold():
    first, second = (text_of("acme", {**SECRET, "data": {"tls.key": value}}) for value in ("b25l", "dHdv"))
    assert first == second
    assert b"tls.key" in first


def test_what_nobody_knows_yet_has_no_text_and_the_others_have_theirs():
    unknown = {**pod(), "spec": {"nodeName": object()}}
    found = cluster(namespace(), unknown, pod_in("zenith")).texts
    assert found["acme"] is None
    assert found["zenith"] is not None


def test_a_part_of_a_cluster_has_the_texts_of_its_namespaces():
    whole = cluster(pod(), pod_in("zenith"))
    assert whole.within(["zenith"]).texts == {"zenith": whole.texts["zenith"]}
