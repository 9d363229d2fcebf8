"""A random provider, called as a program would."""

import pytest

from tenantmesh.engine.provider import Ambient, Found
from tenantmesh.engine.providers.random import RandomProvider
from tests.engine.providers.calls import Calls


class Random(Calls):
    def __init__(self):
        super().__init__(RandomProvider(Ambient()), "random:index/random{0}:Random{0}".format)

    def read(self, kind: str, identifier: str) -> Found:
        found = self.provider.read(self.resource(kind), identifier, {}, {})
        assert found is not None
        return found


@pytest.fixture(scope="module")
def random() -> Random:
    return Random()
