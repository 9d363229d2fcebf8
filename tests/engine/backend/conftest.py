"""A backend in a temporary folder, what a crash leaves of it, and one salt for all tests, for keys take a while."""

import shutil

import pytest

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import Secret
from tests.engine.backend.steps import create, creating

ENVIRONMENT = {"PULUMI_CONFIG_PASSPHRASE": "correct horse"}


@pytest.fixture(scope="session")
def passphrase():
    return Passphrase(ENVIRONMENT)


@pytest.fixture(scope="session")
def salt(passphrase):
    return passphrase.create().salt


@pytest.fixture
def root(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def backend(root):
    backend = FileBackend.open(f"file://{root}", environment=ENVIRONMENT)
    backend.create("shop", "dev")
    return backend


@pytest.fixture
def opened(backend, passphrase, salt):
    """Opens shop/dev for a run; keyword arguments as for open_stack."""

    def open_stack(**options):
        return backend.open_stack("shop", "dev", passphrase, salt=salt, **options)

    return open_stack


@pytest.fixture
def resource():
    """Makes a resource by key and name; keyword arguments as for ResourceState."""

    def make(key, name, **fields):
        given = {"type": "kubernetes:core/v1:ConfigMap", "custom": True, "id": f"id-{name}", **fields}
        return ResourceState(key=key, urn=f"urn:pulumi:dev::shop::{given['type']}::{name}", **given)

    return make


@pytest.fixture
def read(backend, passphrase):
    """The snapshot as a reader finds it, in the backend's folder or a copy of it."""

    def snapshot(root=None):
        source = backend if root is None else FileBackend.open(f"file://{root}", environment={})
        with source.open_stack("shop", "dev", passphrase, access=Access.READ) as store:
            return store.snapshot

    return snapshot


@pytest.fixture
def crashed(opened, root, tmp_path, resource):
    """A folder as a killed run leaves it: one resource was there, two were made, one was under way."""
    with opened() as store:
        create(store, resource(store.next_key(), "first", inputs={"p": Secret("marker-secret")}))
        store.finish()
    with opened() as store:
        create(store, resource(store.next_key(), "second"))
        store.end(store.begin(creating(resource(store.next_key(), "third"))), None)
        create(store, resource(store.next_key(), "fourth"))
        store.begin(creating(resource(store.next_key(), "fifth", inputs={"p": Secret("marker-secret")})))
        copy = tmp_path / "crashed"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("locks"))
        store.finish()
    return copy
