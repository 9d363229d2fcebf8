"""What the tests on the control plane share: a client, a namespace of one's own and a way to wait."""

import time
import uuid

import pytest


@pytest.fixture(scope="session")
def api(cluster):
    """A client with all rights."""
    return cluster.api()


@pytest.fixture
def namespace(api):
    """A new namespace in which pods can be made, removed afterwards."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    api.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).json()
    account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    eventually(lambda: api.request("GET", account).status == 200)
    yield name
    api.request("DELETE", f"/api/v1/namespaces/{name}")


def eventually(holds, seconds=30):
    """Look until it holds; fail when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.1)


@pytest.fixture(name="eventually")
def _eventually():
    return eventually
