"""The components' schema, which Pulumi infers from their annotations and every other language is generated from.

It is kept in golden/schema.json. When it is meant to change, write it anew and read the difference:

    python -m tests.test_schema
"""

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

import tenantmesh as tm

GOLDEN = Path(__file__).parent / "golden" / "schema.json"
COMPONENTS = [tm.App, tm.Grant, tm.Mesh, tm.Tenant]
PACKAGE = "tenantmesh"


def inferred(schema: str | None = None) -> dict[str, object]:
    """What of a schema is this package's: the rest differs with the version of the SDK."""
    found = json.loads(schema or ComponentProvider(COMPONENTS, PACKAGE).schema)
    return {key: dict(sorted(found[key].items())) for key in ("resources", "types")}


def text() -> str:
    """The golden file's."""
    return json.dumps(inferred(), indent=1, sort_keys=True) + "\n"


def test_the_schema_is_the_one_that_is_kept():
    assert text() == GOLDEN.read_text(), "write it anew: python -m tests.test_schema"


def test_every_input_and_output_is_described():
    schema = inferred()
    for name, entry in {**schema["resources"], **schema["types"]}.items():
        assert entry["description"], name
        for field, one in {**entry.get("properties", {}), **entry.get("inputProperties", {})}.items():
            assert one.get("description"), f"{name}.{field}"


@pytest.fixture
def plugin(tmp_path):
    """The package served as a Pulumi plugin, as the real engine starts it; gives its address."""
    command = [sys.executable, "-m", "pulumi.run.plugin", PACKAGE, "127.0.0.1:9"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield f"127.0.0.1:{process.stdout.readline().strip()}"
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def test_the_plugin_host_serves_the_same_schema(plugin):
    """No module of ours is needed for it: the host takes the components that the package exports."""
    with grpc.insecure_channel(plugin) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        served = stub.GetSchema(provider_pb2.GetSchemaRequest(), timeout=60).schema
    assert inferred(served) == inferred()


if __name__ == "__main__":
    GOLDEN.write_text(text())
