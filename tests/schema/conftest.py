"""Bodies that fit their kinds, and edits that make them wrong, each with what the check has to say."""

import re
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())
GOOD = {f"{body['apiVersion']} {body['kind']}": body for body in CASES["good"]}
CUSTOM = re.compile(r"(^gateway[.]networking[.]k8s|[.]istio|^cert-manager)[.]io/")
STEP = re.compile(r'\.?([^.\[]+)|\[(\d+)\]|\["([^"]+)"\]')


# The control plane of the tests has no cert-manager.
NOT_SERVED = "cert-manager.io/v1 Certificate"


def pytest_generate_tests(metafunc):
    left_out = {NOT_SERVED} if "server_takes" in metafunc.fixturenames else set()
    good = {key: body for key, body in GOOD.items() if key not in left_out}
    tables = {
        "good": [pytest.param(body, id=key) for key, body in good.items()],
        "bad": [pytest.param(case, id=f"{case['of']}: {case['says']}") for case in CASES["bad"] if case["of"] in good],
        "custom": [pytest.param(body, id=key) for key, body in good.items() if CUSTOM.search(key)],
    }
    for name in tables.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, tables[name])


@pytest.fixture
def bodies():
    """Good bodies by kind, to be changed freely."""
    return deepcopy(GOOD)


@pytest.fixture(scope="session")
def untouched():
    """Good bodies by kind, not to be changed."""
    return GOOD


@pytest.fixture(name="edited")
def _edited():
    return edited


def edited(case):
    """The good body with the edits of one case."""
    body = deepcopy(GOOD[case["of"]])
    if "remove" in case:
        *parents, last = steps(case["remove"])
        del reached(body, parents)[last]
    for path, value in case.get("set", {}).items():
        *parents, last = steps(path)
        place(reached(body, parents), last, value)
    return body


def steps(path):
    return [int(index) if index else name or quoted for name, index, quoted in STEP.findall(path)]


def reached(value, path):
    for step in path:
        value = value[step]
    return value


def place(parent, key, value):
    if isinstance(parent, list) and key == len(parent):
        parent.append(value)
    else:
        parent[key] = value


# What people write by mistake, tried in every place under `spec`.
WRONG = ("", "*", "a b", 0, -1, 70_000, True, [], {}, ["x"], {"x": "y"}, None)


@pytest.fixture(name="changes")
def _changes():
    return changes


def changes(body):
    """Copies of a body with one field of its spec removed, renamed, repeated or replaced, and what was done."""
    for path in paths(body["spec"], ("spec",)):
        yield f"without {path}", changed(body, path, lambda parent, key: parent.pop(key))
        yield f"{path} twice", changed(body, path, twice)
        for wrong in WRONG:
            yield f"{path} = {wrong!r}", changed(body, path, lambda parent, key, value=wrong: place(parent, key, value))


def paths(value, path):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield (*path, key)
        yield from paths(below, (*path, key))


def changed(body, path, change):
    copy = deepcopy(body)
    *parents, last = path
    change(reached(copy, parents), last)
    return copy


def twice(parent, key):
    if isinstance(parent, list):
        parent.append(deepcopy(parent[key]))
    else:
        parent[f"{key}X"] = parent[key]
