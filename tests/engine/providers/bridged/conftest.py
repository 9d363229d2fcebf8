"""The real providers' plugins in processes of their own, and what it means that ours does the same.

They are `pulumi-resource-random` and `-tls`, looked for on PATH and where `pulumi plugin install` puts them.
"""

import os
import shutil
import subprocess
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tenantmesh.engine.provider import Ambient, Created, Resource
from tenantmesh.engine.providers.random import RandomProvider
from tenantmesh.engine.providers.tls import TlsProvider
from tenantmesh.engine.values import UNKNOWN, Secret, reveal

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DIFF_KINDS = ("add", "add-replace", "delete", "delete-replace", "update", "update-replace")


class Plugin:
    """A real provider in a process of its own, spoken to over gRPC."""

    def __init__(self, path: str):
        # Without this the bridge names changed fields only; ours always names paths, so they are asked for here.
        environment = os.environ | {"PULUMI_TF_BRIDGE_ACCURATE_PF_BRIDGE_PREVIEW": "true"}
        self.process = subprocess.Popen(
            [path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        port = self.process.stdout.readline().strip()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.stub.Configure(
            provider_pb2.ConfigureRequest(acceptSecrets=True, acceptResources=True, args=_pack({})), timeout=60
        )

    def close(self):
        self.channel.close()
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()

    def check(self, urn, inputs):
        answer = self.stub.Check(provider_pb2.CheckRequest(urn=urn, olds=_pack({}), news=_pack(inputs)), timeout=60)
        return _unpack(answer.inputs), [one.property for one in answer.failures]

    def create(self, urn, inputs, *, preview=False):
        request = provider_pb2.CreateRequest(urn=urn, properties=_pack(inputs), preview=preview)
        answer = self.stub.Create(request, timeout=60)
        return Created(id=answer.id, outputs=_unpack(answer.properties))

    def diff(self, urn, old, inputs):
        request = provider_pb2.DiffRequest(urn=urn, id=old.id, olds=_pack(old.outputs), news=_pack(inputs))
        answer = self.stub.Diff(request, timeout=60)
        detailed = {path: DIFF_KINDS[one.kind] for path, one in answer.detailedDiff.items()}
        changed = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return changed, sorted(answer.diffs), sorted(answer.replaces), detailed

    def invoke(self, token, arguments):
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=_pack(arguments)), timeout=60)
        assert list(answer.failures) == []
        return _unpack(getattr(answer, "return"))

    def read(self, urn, identifier, outputs, inputs):
        request = provider_pb2.ReadRequest(urn=urn, id=identifier, properties=_pack(outputs), inputs=_pack(inputs))
        answer = self.stub.Read(request, timeout=60)
        return answer.id, _unpack(answer.properties), _unpack(answer.inputs)


class Comparison:
    """Our provider beside the real one of the same package."""

    def __init__(self, ours, real: Plugin):
        self.ours = ours
        self.real = real

    def resource(self, kind: str) -> Resource:
        package = self.ours.package
        name = f"random{kind}:Random{kind}" if package == "random" else f"{kind[0].lower()}{kind[1:]}:{kind}"
        token = f"{package}:index/{name}"
        return Resource(urn=f"urn:pulumi:dev::demo::{token}::it", type=token, name="it")

    def create(self, kind: str, inputs: dict) -> Created:
        return self.ours.create(self.resource(kind), inputs, preview=False)

    def same_life(self, kind: str, inputs: dict, changes: list[dict]) -> None:
        """Checked, previewed, made, read and changed alike, whichever of the two made it."""
        resource = self.resource(kind)
        checked, failures = self.real.check(resource.urn, inputs)
        assert failures == []
        assert checked == self._marked(resource, inputs)
        planned = self.ours.create(resource, inputs, preview=True)
        assert self._marked(resource, planned.outputs) == self.real.create(resource.urn, inputs, preview=True).outputs
        mine, theirs = self.create(kind, inputs), self.real.create(resource.urn, inputs)
        self._same_but_generated(self._marked(resource, mine.outputs), theirs.outputs)
        for state in (mine, Created(id=theirs.id, outputs=reveal(theirs.outputs))):
            self.same_reads(kind, state, inputs)
            self.same_diffs(kind, state, inputs, changes)

    def same_reads(self, kind: str, state: Created, inputs: dict) -> None:
        resource = self.resource(kind)
        found = self.ours.read(resource, state.id, state.outputs, inputs)
        real_id, outputs, asked = self.real.read(resource.urn, state.id, state.outputs, inputs)
        assert found.id == own_id(kind, real_id)
        assert (reveal(found.outputs), found.inputs) == (reveal(outputs), reveal(asked))

    def same_diffs(self, kind: str, state: Created, inputs: dict, changes: list[dict]) -> None:
        """No change against the same inputs, and the same one against each change; None takes an input away."""
        resource = self.resource(kind)
        for change in ({}, *changes):
            wanted = {name: value for name, value in (inputs | change).items() if value is not None}
            found = self.ours.diff(resource, state.id, state, inputs, wanted)
            detailed = {path: one.kind.value for path, one in found.detailed.items()}
            mine = (found.changes, list(found.changed), list(found.replaces), detailed)
            assert mine == self.real.diff(resource.urn, state, wanted), change

    def _marked(self, resource: Resource, values: dict) -> dict:
        """What the real bridge's answer says: what is always secret is marked once it is known."""
        secret = self.ours.secret_outputs(resource.type)
        return {name: Secret(one) if name in secret and one is not UNKNOWN else one for name, one in values.items()}

    def _same_but_generated(self, mine: dict, theirs: dict) -> None:
        assert mine.keys() == theirs.keys()
        for name in ("__meta", "__pulumi_raw_state_delta"):
            assert mine.get(name) == theirs.get(name)
        for name, value in mine.items():
            assert type(value) is type(theirs[name]) or {type(value), type(theirs[name])} == {int, float}, name


def _running(package: str) -> Plugin:
    name = f"pulumi-resource-{package}"
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    installed = sorted(home.glob(f"plugins/resource-{package}-v*/{name}"))
    path = shutil.which(name) or (str(installed[-1]) if installed else None)
    if path is None:
        pytest.skip(f"{name} is not installed; install it with `pulumi plugin install resource {package}`")
    return Plugin(path)


@pytest.fixture(scope="module")
def random_pair():
    plugin = _running("random")
    yield Comparison(RandomProvider(Ambient()), plugin)
    plugin.close()


@pytest.fixture(scope="module")
def tls_pair():
    plugin = _running("tls")
    yield Comparison(TlsProvider(Ambient()), plugin)
    plugin.close()


def _pack(values) -> struct_pb2.Struct:
    return json_format.ParseDict(_encode(values), struct_pb2.Struct())


def _encode(value):
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": _encode(value.value)}
    if isinstance(value, dict):
        return {key: _encode(one) for key, one in value.items()}
    return [_encode(one) for one in value] if isinstance(value, list) else value


def _unpack(struct: struct_pb2.Struct):
    return _decode(json_format.MessageToDict(struct))


def _decode(value):
    if value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(_decode(value["value"]))
        return {key: _decode(one) for key, one in value.items()}
    return [_decode(one) for one in value] if isinstance(value, list) else value


def own_id(kind: str, real_id: str) -> str:
    """Our id where the real provider's is `real_id`: that of Bytes is the secret itself, so ours tells nothing."""
    return "none" if kind == "Bytes" else real_id
