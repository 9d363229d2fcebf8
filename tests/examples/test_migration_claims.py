"""What the example of a service with callers from before the mesh claims, with a last day and without one."""

import json

import pytest

from tests.examples.programs import objects, objects_of

DECLARED = "tenantmesh.dev/permissive"


def annotations(found):
    return found.one("Namespace", "freight")["metadata"].get("annotations", {})


def test_one_port_of_one_app_takes_plain_text_until_its_last_day():
    found = objects("migration")
    modes = found.spec("PeerAuthentication", "permissive--orders")
    assert modes["portLevelMtls"] == {"8080": {"mode": "PERMISSIVE"}}
    assert modes["selector"]["matchLabels"].items() <= labels(found, "orders").items()
    assert not modes["selector"]["matchLabels"].items() <= labels(found, "shop").items()
    (said,) = json.loads(annotations(found)[DECLARED])
    assert (said["until"], said["ports"]) == ("2099-12-31", [8080])


@pytest.mark.parametrize("kind", ["AuthorizationPolicy", "PeerAuthentication"])
def test_without_a_last_day_nothing_is_left_of_it(kind):
    strict = objects_of("migration", {"lastDay": ""}, None)
    assert [name for name in strict.names(kind) if "permissive" in name] == []
    assert DECLARED not in annotations(strict)
    assert strict.spec("PeerAuthentication", "default", "freight") == {"mtls": {"mode": "STRICT"}}


def labels(found, app):
    return found.spec("Deployment", app)["template"]["metadata"]["labels"]
