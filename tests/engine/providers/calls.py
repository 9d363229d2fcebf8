"""The few calls that the tests of a provider make of it."""

from collections.abc import Callable

from tenantmesh.engine.provider import Checked, Created, Diff, Provider, Resource


class Calls:
    """Calls a provider with the short names of its types, as a program would; `token` gives the whole of one."""

    def __init__(self, provider: Provider, token: Callable[[str], str]):
        self.provider = provider
        self._token = token

    def resource(self, kind: str) -> Resource:
        token = self._token(kind)
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
