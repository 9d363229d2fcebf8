"""A provider driven as the engine would, and a namespace of its own for every test that needs a cluster."""

import itertools
import uuid
from dataclasses import dataclass, field

import pytest

from tenantmesh.engine.provider import Ambient, Checked, Created, Diff, Found, Resource
from tenantmesh.engine.providers.kubernetes import KubernetesProvider
from tenantmesh.engine.values import reveal


@dataclass
class Kube:
    """Calls the provider with a type's short token, such as `core/v1:ConfigMap`."""

    ambient: Ambient
    config: dict = field(default_factory=dict)
    namespace: str = "default"
    said: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.provider = KubernetesProvider(self.ambient)
        self.provider.configure(self.config)
        self._numbers = itertools.count()

    def resource(self, kind: str, name: str = "it", **options) -> Resource:
        token = f"kubernetes:{kind}"
        urn = f"urn:pulumi:{self.ambient.stack}::{self.ambient.project}::{token}::{name}"
        return Resource(urn=urn, type=token, name=name, status=self.said.append, **options)

    def check(self, kind: str, inputs: dict, old: dict | None = None, **options) -> Checked:
        return self.provider.check(self.resource(kind, **options), old or {}, inputs)

    def inputs(self, token: str, name: str, namespace: str | None = None, **rest) -> dict:
        """Checked inputs of an object in the test's namespace."""
        metadata = {"name": name, "namespace": namespace or self.namespace, **rest.pop("metadata", {})}
        return self.check(token, {"metadata": metadata, **rest}).inputs

    def create(self, kind: str, inputs: dict, **options) -> Created:
        return self.provider.create(self.resource(kind, **options), inputs, preview=False)

    def preview(self, kind: str, inputs: dict) -> dict:
        return self.provider.create(self.resource(kind), inputs, preview=True).outputs

    def diff(self, kind: str, old: Created, inputs: dict, **options) -> Diff:
        plain = Created(id=old.id, outputs=reveal(old.outputs))
        return self.provider.diff(self.resource(kind, **options), old.id, plain, {}, inputs)

    def update(self, kind: str, old: Created, inputs: dict, *, preview: bool = False, **options) -> Created:
        plain = Created(id=old.id, outputs=reveal(old.outputs))
        return self.provider.update(self.resource(kind, **options), old.id, plain, {}, inputs, preview=preview)

    def read(self, kind: str, old: Created, inputs: dict) -> Found | None:
        return self.provider.read(self.resource(kind), old.id, reveal(old.outputs), inputs)

    def delete(self, kind: str, old: Created, inputs: dict, **options) -> None:
        self.provider.delete(self.resource(kind, **options), old.id, reveal(old.outputs), inputs)

    def live(self, kind: str, name: str) -> Found | None:
        """What an import of the object finds."""
        return self.provider.read(self.resource(kind), f"{self.namespace}/{name}", {}, {})


@pytest.fixture
def offline() -> Kube:
    return Kube(Ambient(project="demo", stack="dev", offline=True))


@pytest.fixture
def kube(cluster):
    namespace = f"kube-test-{uuid.uuid4().hex[:8]}"
    one = Kube(Ambient(project="demo", stack="dev", kubeconfig=cluster.kubeconfig), namespace=namespace)
    skip = {"annotations": {"pulumi.com/skipAwait": "true"}}
    inputs = one.check("core/v1:Namespace", {"metadata": {"name": namespace, **skip}}).inputs
    made = one.create("core/v1:Namespace", inputs)
    yield one
    one.delete("core/v1:Namespace", made, inputs)
