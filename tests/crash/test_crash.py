"""A run that is killed at any moment loses nothing: the next one ends where an undisturbed one would have ended."""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import reveal
from tests.crash.killing import Ended, interrupted, watched
from tests.crash.likeness import Likeness, objects
from tests.crash.moments import COUNT, SEED, draws
from tests.crash.shop import CODE, Shop
from tests.stacks.stage import changes

pytestmark = [
    pytest.mark.controlplane,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::tenantmesh.engine.backend.StaleLockWarning"),
]

_UPS, _DESTROYS = draws("up"), draws("destroy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What runs without a kill came to: state and objects after `up` of revision 1 and then 2, and their measures."""

    ups: dict[int, Ended]
    states: dict[int, Any]
    objects: dict[int, Any]
    destroy: Ended


@pytest.fixture(scope="session")
def salt():
    return CODE.create().salt


@pytest.fixture(scope="session")
def opened(tmp_path_factory, cluster, salt):
    """Makes a shop that nobody else has."""

    def open_shop(label):
        name = f"crash-{label}-{uuid.uuid4().hex[:6]}"
        return Shop.open(tmp_path_factory.mktemp(name), name, salt, cluster.kubeconfig)

    return open_shop


@pytest.fixture(scope="session")
def undisturbed(opened, cluster):
    shop, api = opened("undisturbed"), cluster.api()
    ups, states, found = {}, {}, {}
    for revision in (1, 2):
        shop.revise(revision)
        ups[revision] = watched(shop, "up")
        resources = shop.snapshot().resources
        likeness = Likeness(shop, resources)
        states[revision] = likeness.of_states(resources)
        found[revision] = likeness.of_objects(objects(api, shop))
    destroy = watched(shop, "destroy")
    assert shop.snapshot().resources == ()
    return Undisturbed(ups=ups, states=states, objects=found, destroy=destroy)


@pytest.mark.parametrize("number", range(COUNT))
def test_a_killed_run_is_taken_up_where_it_was(number, opened, undisturbed, cluster):
    """`up` is killed, from nothing or over an earlier revision, and run again; then the same with `destroy`."""
    shop, api = opened(str(number)), cluster.api()
    revision = 1 + number % 2
    if revision == 2:
        shop.stage.run("up", "--yes", "--skip-preview")
        shop.revise(2)

    kill(shop, "up", _UPS[number].in_run(undisturbed.ups[revision]))
    crashed, there = shop.snapshot().resources, objects(api, shop)
    shop.stage.run("up", "--yes", "--skip-preview")
    resources, now = shop.snapshot().resources, objects(api, shop)
    likeness = Likeness(shop, resources)
    assert likeness.of_states(resources) == undisturbed.states[revision]
    assert likeness.of_objects(now) == undisturbed.objects[revision]
    assert changed_without_need(crashed, resources) == []
    if revision == 1:
        assert {key: uid(body) for key, body in there.items()}.items() <= {k: uid(v) for k, v in now.items()}.items()
    assert_settled(shop)
    assert changes(shop.stage.run("up", "--yes", "--skip-preview")) == {}

    kill(shop, "destroy", _DESTROYS[number].in_run(undisturbed.destroy))
    shop.stage.run("destroy", "--yes", "--skip-preview")
    assert objects(api, shop) == {}
    assert shop.snapshot().resources == ()
    assert_settled(shop)


def kill(shop, verb, moment):
    ended = interrupted(shop, verb, moment)
    outcome = "killed" if ended.killed else "it had ended"
    left = ", ".join(
        f"{pending.type} {pending.resource.urn.rpartition('::')[2]}" for pending in shop.snapshot().pending
    )
    print(
        f"seed {SEED}: {shop.name}: {verb}: {moment}: {outcome} after {ended.lines} lines; pending: {left or 'nothing'}"
    )


def changed_without_need(before: tuple[ResourceState, ...], after: tuple[ResourceState, ...]) -> list[str]:
    """What was made before the kill and is other now, though the program asks for the same."""
    new = {state.urn: state for state in after}
    return [
        old.urn
        for old in before
        if old.type.startswith(("random:", "tls:")) and not old.delete
        if reveal(old.inputs) == reveal(new[old.urn].inputs)
        if (old.id, reveal(old.outputs)) != (new[old.urn].id, reveal(new[old.urn].outputs))
    ]


def assert_settled(shop):
    """No journal, no lock and no pending operation is left."""
    assert not shop.journal.exists()
    assert list((shop.stage.state / ".pulumi" / "locks").rglob("*.json")) == []
    assert shop.snapshot().pending == ()


def uid(body):
    return body["metadata"]["uid"]
