"""The tables against the real providers: same plans, same changes, same state, and each takes over the other's.

The real providers are Pulumi's own plugins (`pulumi-resource-random` and `-tls`), looked for on PATH and where
`pulumi plugin install` puts them.
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

pytestmark = pytest.mark.pulumi

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DIFF_KINDS = ("add", "add-replace", "delete", "delete-replace", "update", "update-replace")

STRING = {"length": 12}
RANDOM = {
    "Bytes": ({"length": 4}, [{"length": 5}, {"keepers": {}}, {"keepers": {"a": "b"}}]),
    "Id": ({"byteLength": 4}, [{"byteLength": 5}, {"prefix": "p"}, {"keepers": {"a": "b"}}, {"keepers": {}}]),
    "Integer": (
        {"min": 1, "max": 10**6, "seed": "tenantmesh"},
        [{"min": 2}, {"max": UNKNOWN}, {"seed": None}, {"seed": ""}, {"keepers": {"a": UNKNOWN}}],
    ),
    "Password": (
        STRING | {"keepers": {"a": "1", "b.c": "2"}},
        [
            *[{name: 1} for name in ("minUpper", "minLower", "minNumeric", "minSpecial")],
            *[{name: False} for name in ("upper", "lower", "numeric", "number", "special")],
            {"length": 13},
            {"keepers": None},
            {"keepers": {}},
            {"keepers": {"a": "1", "b.c": "3", "d": "4"}},
            {"keepers": UNKNOWN},
            {"overrideSpecial": "!"},
            {"overrideSpecial": ""},
            {"overrideSpecial": UNKNOWN},
            {"unheardOf": 1},
        ],
    ),
    "String": (
        STRING | {"overrideSpecial": "", "numeric": False},
        [{"overrideSpecial": None}, {"numeric": None}, {"number": False}, {"length": UNKNOWN}, {"keepers": {}}],
    ),
    "Pet": ({}, [{"length": 3}, {"separator": "_"}, {"prefix": "p"}, {"length": 2}, {"keepers": {"a": "b"}}]),
    "Shuffle": (
        {"inputs": ["a", "b", "c", "d"], "seed": "tenantmesh", "resultCount": 10},
        [{"inputs": ["a", "c", "d", "e"]}, {"inputs": []}, {"resultCount": None}, {"seed": "x"}],
    ),
    "Uuid": ({"keepers": {}}, [{"keepers": None}, {"keepers": {"a": "b"}}]),
    "Uuid4": ({}, [{"keepers": {}}, {"keepers": {"a": "b"}}]),
    "Uuid7": ({}, [{"keepers": {"a": UNKNOWN}}]),
}

CERTIFICATE = {"validityPeriodHours": 24, "allowedUses": ["server_auth", "cert_signing"]}
CERTIFICATE_CHANGES = [
    {"validityPeriodHours": 25},
    {"validityPeriodHours": UNKNOWN},
    {"allowedUses": ["cert_signing", "client_auth"]},
    {"earlyRenewalHours": 2},
    {"earlyRenewalHours": 24},
    {"isCaCertificate": False},
    {"maxPathLength": 1},
    {"setSubjectKeyId": True},
]
SUBJECT_CHANGES = [
    {"subject": {"commonName": "b", "country": "CH"}},
    {"subject": None},
    {"subject": {"commonName": UNKNOWN, "organization": "o", "streetAddresses": ["1"]}},
    {"dnsNames": ["b", "a"]},
    {"ipAddresses": ["10.0.0.1"]},
    {"uris": ["spiffe://a/b"]},
    {"privateKeyPem": UNKNOWN},
]


@pytest.fixture(scope="module")
def tls_cases():
    """Inputs and changes of every tls resource, with keys made here."""
    tls = TlsProvider(Ambient())

    def make(kind, inputs):
        return tls.create(_resource("tls", kind), inputs, preview=False).outputs

    key = make("PrivateKey", {"algorithm": "ECDSA", "ecdsaCurve": "P256"})["privateKeyPem"]
    subject = {"subject": {"commonName": "a", "organization": "o", "streetAddresses": ["1", "2"]}}
    holder = {"privateKeyPem": key, **subject, "dnsNames": ["a", "b"]}
    root = make("SelfSignedCert", holder | CERTIFICATE | {"isCaCertificate": True})["certPem"]
    request = make("CertRequest", holder)["certRequestPem"]
    signer = {"caCertPem": root, "caPrivateKeyPem": key, "certRequestPem": request}
    return {
        "PrivateKey": ({"algorithm": "ED25519"}, [{"rsaBits": 4096}, {"ecdsaCurve": "P256"}, {"algorithm": "RSA"}]),
        "CertRequest": (holder, SUBJECT_CHANGES),
        "SelfSignedCert": (
            holder | CERTIFICATE | {"isCaCertificate": True},
            [*CERTIFICATE_CHANGES, *SUBJECT_CHANGES, {"setAuthorityKeyId": True}],
        ),
        "LocallySignedCert": (
            signer | CERTIFICATE | {"isCaCertificate": True},
            [*CERTIFICATE_CHANGES, *({name: UNKNOWN} for name in signer)],
        ),
    }


class Plugin:
    """A real provider in a process of its own, spoken to over gRPC."""

    def __init__(self, path: str, package: str):
        # Without this the bridge names changed fields only; ours always names paths, so they are asked for here.
        environment = os.environ | {"PULUMI_TF_BRIDGE_ACCURATE_PF_BRIDGE_PREVIEW": "true"}
        self.process = subprocess.Popen(
            [path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        port = self.process.stdout.readline().strip()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.package = package
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

    def read(self, urn, identifier, outputs, inputs):
        request = provider_pb2.ReadRequest(urn=urn, id=identifier, properties=_pack(outputs), inputs=_pack(inputs))
        answer = self.stub.Read(request, timeout=60)
        return answer.id, _unpack(answer.properties), _unpack(answer.inputs)


def _plugin(package):
    name = f"pulumi-resource-{package}"
    home = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    installed = sorted(home.glob(f"plugins/resource-{package}-v*/{name}"))
    path = shutil.which(name) or (str(installed[-1]) if installed else None)
    if path is None:
        pytest.skip(f"{name} is not installed; install it with `pulumi plugin install resource {package}`")
    return Plugin(path, package)


@pytest.fixture(scope="module")
def real_random():
    plugin = _plugin("random")
    yield plugin
    plugin.close()


@pytest.fixture(scope="module")
def real_tls():
    plugin = _plugin("tls")
    yield plugin
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


def _resource(package, kind) -> Resource:
    name = f"random{kind}:Random{kind}" if package == "random" else f"{kind[0].lower()}{kind[1:]}:{kind}"
    token = f"{package}:index/{name}"
    return Resource(urn=f"urn:pulumi:dev::demo::{token}::it", type=token, name="it")


def _changed(inputs, change):
    return {name: value for name, value in (inputs | change).items() if value is not None}


def _marked(ours, resource, values):
    """What the real bridge's answer says: what is always secret is marked once it is known."""
    secret = ours.secret_outputs(resource.type)
    return {name: Secret(one) if name in secret and one is not UNKNOWN else one for name, one in values.items()}


def _same_but_generated(ours, real):
    """Equal, but for values that each makes anew."""
    assert ours.keys() == real.keys()
    for name, value in ours.items():
        assert type(value) is type(real[name]) or {type(value), type(real[name])} == {int, float}, name


def _compare(ours, real, resource, inputs, changes):
    checked, failures = real.check(resource.urn, inputs)
    assert failures == []
    secret_inputs = ours.secret_outputs(resource.type) & inputs.keys()
    assert checked == {name: Secret(value) if name in secret_inputs else value for name, value in inputs.items()}

    planned = ours.create(resource, inputs, preview=True)
    assert _marked(ours, resource, planned.outputs) == real.create(resource.urn, inputs, preview=True).outputs

    mine = ours.create(resource, inputs, preview=False)
    theirs = real.create(resource.urn, inputs)
    _same_but_generated(_marked(ours, resource, mine.outputs), theirs.outputs)
    assert mine.outputs.get("__meta") == theirs.outputs.get("__meta")
    assert mine.outputs["__pulumi_raw_state_delta"] == theirs.outputs["__pulumi_raw_state_delta"]

    plain = Created(id=theirs.id, outputs=reveal(theirs.outputs))
    for state in (mine, plain):
        refreshed = ours.read(resource, state.id, state.outputs, inputs)
        identifier, outputs, read_inputs = real.read(resource.urn, state.id, state.outputs, inputs)
        assert (refreshed.id, reveal(refreshed.outputs), refreshed.inputs) == (
            identifier,
            reveal(outputs),
            reveal(read_inputs),
        )
        for change in ({}, *changes):
            wanted = _changed(inputs, change)
            found = ours.diff(resource, state.id, state, inputs, wanted)
            detailed = {path: one.kind.value for path, one in found.detailed.items()}
            assert (found.changes, list(found.changed), list(found.replaces), detailed) == real.diff(
                resource.urn, state, wanted
            ), change


@pytest.mark.parametrize("kind", RANDOM)
def test_random_plans_and_keeps_what_the_real_provider_does(real_random, kind):
    inputs, changes = RANDOM[kind]
    _compare(RandomProvider(Ambient()), real_random, _resource("random", kind), inputs, changes)


@pytest.mark.parametrize("kind", ["PrivateKey", "CertRequest", "SelfSignedCert", "LocallySignedCert"])
def test_tls_plans_and_keeps_what_the_real_provider_does(real_tls, tls_cases, kind):
    inputs, changes = tls_cases[kind]
    _compare(TlsProvider(Ambient()), real_tls, _resource("tls", kind), inputs, changes)


@pytest.mark.parametrize("kind", ["Integer", "Shuffle"])
def test_a_seed_gives_the_same_value(real_random, kind):
    inputs, resource = RANDOM[kind][0], _resource("random", kind)
    mine = RandomProvider(Ambient()).create(resource, inputs, preview=False)
    assert mine == real_random.create(resource.urn, inputs)


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [("Password", "abc"), ("String", "abc"), ("Id", "p,Y2Fr"), ("Bytes", "Y2Fr"), ("Integer", "5,1,9"), ("Pet", "a-b")],
)
def test_an_import_gives_the_same(real_random, kind, identifier):
    resource = _resource("random", kind)
    ours = RandomProvider(Ambient())
    if kind == "Pet":
        with pytest.raises(grpc.RpcError):
            real_random.read(resource.urn, identifier, {}, {})
        return
    found = ours.read(resource, identifier, {}, {})
    real_id, outputs, inputs = real_random.read(resource.urn, identifier, {}, {})
    assert (found.id, found.inputs) == (real_id, reveal(inputs))
    drop = {"bcryptHash"}
    mine = {name: value for name, value in reveal(found.outputs).items() if name not in drop}
    assert mine == {name: value for name, value in reveal(outputs).items() if name not in drop}
