"""A backend in a temporary folder, and one encryption salt for all tests, since a key takes a while to derive."""

import pytest

from tenantmesh.engine.backend import FileBackend, Passphrase
from tenantmesh.engine.resource import ResourceState

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
