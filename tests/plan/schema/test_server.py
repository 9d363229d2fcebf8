"""The check and the real API server agree on every body of the table."""

import re

import pytest

from tenantmesh.errors import BodyError
from tenantmesh.plan.schema import check_body

pytestmark = pytest.mark.controlplane

APPLY = "dryRun=All&fieldValidation=Strict&fieldManager=schema-test&force=true"
# Apply answers 500 where a body does not even fit the types; that is a verdict too.
UNREADABLE = re.compile(r"failed to (create typed patch|convert new) object|strict decoding error|BadRequest")
NOT_THERE = "cert-manager.io/v1 Certificate"


@pytest.fixture(scope="session")
def resources(cluster):
    """The path segment of every kind that the server has."""
    api = cluster.api()
    groups = [
        "/api/v1",
        *(f"/apis/{version['groupVersion']}" for group in api.get("/apis")["groups"] for version in group["versions"]),
    ]
    return {
        f"{path.removeprefix('/apis/').removeprefix('/api/')} {resource['kind']}": (path, resource)
        for path in groups
        for resource in api.get(path)["resources"]
        if "/" not in resource["name"]
    }


@pytest.fixture
def server_takes(cluster, resources):
    """Asks the server, by a server-side dry run with strict fields, whether it takes a body."""

    def takes(body):
        path, resource = resources[f"{body['apiVersion']} {body['kind']}"]
        place = "/namespaces/default" if resource["namespaced"] else ""
        url = f"{path}{place}/{resource['name']}/{body['metadata']['name']}?{APPLY}"
        answer = cluster.api().request("PATCH", url, body)
        assert answer.status < 400 or answer.status == 422 or UNREADABLE.search(answer.text), answer.text
        return answer.status < 300, answer.text

    return takes


def test_the_server_takes_what_the_check_takes(good, server_takes):
    if f"{good['apiVersion']} {good['kind']}" == NOT_THERE:
        pytest.skip("the control plane of the tests has no cert-manager")
    taken, text = server_takes(good)
    assert taken, text


def test_the_server_refuses_what_the_check_refuses(bad, edited, server_takes):
    if bad["of"] == NOT_THERE:
        pytest.skip("the control plane of the tests has no cert-manager")
    body = edited(bad)
    with pytest.raises(BodyError):
        check_body(body)
    taken, text = server_takes(body)
    assert taken is ("stricter" in bad), text


def test_the_two_agree_on_every_small_change_of_a_custom_kind(custom, changes, server_takes):
    """What a typing error makes of a body: each field removed, emptied, or of another kind, one at a time."""
    differ = []
    for said, body in changes(custom):
        accepted = taken_by_check(body)
        taken, text = server_takes(body)
        if accepted is not taken:
            differ.append(f"{said}: the check says {accepted}, the server {taken}: {text}")
    assert not differ, "\n".join(differ)


def taken_by_check(body):
    try:
        check_body(body)
    except BodyError:
        return False
    return True
