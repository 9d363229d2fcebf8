"""A random provider and the few calls that its tests make of it."""

import pytest

from tenantmesh.engine.provider import Ambient, Checked, Created, Diff, Found, Resource
from tenantmesh.engine.providers.random import RandomProvider


class Random:
    """Calls the provider with a type's short name, as a program would."""

    def __init__(self):
        self.provider = RandomProvider(Ambient())

    def resource(self, kind: str) -> Resource:
        token = f"random:index/random{kind}:Random{kind}"
        return Resource(urn=f"urn:pulumi:dev::demo::{token}::it", type=token, name="it")

    def check(self, kind: str, inputs: dict) -> Checked:
        return self.provider.check(self.resource(kind), {}, inputs)

    def create(self, kind: str, inputs: dict) -> Created:
        checked = self.check(kind, inputs)
        assert checked.failures == ()
        return self.provider.create(self.resource(kind), checked.inputs, preview=False)

    def preview(self, kind: str, inputs: dict) -> dict:
        return self.provider.create(self.resource(kind), inputs, preview=True).outputs

    def diff(self, kind: str, old: Created, inputs: dict) -> Diff:
        return self.provider.diff(self.resource(kind), old.id, old, {}, inputs)

    def update(self, kind: str, old: Created, inputs: dict) -> Created:
        return self.provider.update(self.resource(kind), old.id, old, {}, inputs, preview=False)

    def read(self, kind: str, identifier: str) -> Found:
        found = self.provider.read(self.resource(kind), identifier, {}, {})
        assert found is not None
        return found


@pytest.fixture(scope="module")
def random() -> Random:
    return Random()
