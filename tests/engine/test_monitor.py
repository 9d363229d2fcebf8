"""What the monitor says of itself and what it refuses."""

import pulumi
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Value
from pulumi.runtime.proto import engine_pb2, resource_pb2

from tenantmesh.engine.evaluate import evaluate
from tenantmesh.engine.monitor.monitor import Monitor
from tenantmesh.engine.monitor.request import refuse_unsupported
from tenantmesh.engine.project.versions import ENGINE_VERSION, satisfies
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.errors import ProgramError, UnsupportedError
from tests.engine.fakes import Thing
from tests.engine.harness import Stack, done


class Inspecting:
    """Runs a look at the monitor in place of a program."""

    def __init__(self, look):
        self._look = look

    def run(self, monitor: Monitor, _surroundings: object) -> None:
        self._look(monitor)

    def interrupt(self) -> None:
        pass


def features(monitor: Monitor) -> set[str]:
    numbers = monitor.GetDeploymentInfo(Empty()).supportedFeatures
    enum = resource_pb2.ResourceMonitorFeature.DESCRIPTOR.values_by_number
    return {enum[number].name.removeprefix("RESOURCE_MONITOR_FEATURE_") for number in numbers}


def look(see) -> None:
    """Have `see` called with a monitor of an empty preview."""
    stack = Stack()
    result = stack.inspect(Inspecting(see))
    assert result.ok


def test_only_what_is_done_is_advertised():
    def see(monitor: Monitor) -> None:
        found = features(monitor)
        assert found >= {"SECRETS", "TRANSFORMS", "ALIAS_SPECS", "OUTPUT_VALUES", "DELETED_WITH", "REPLACE_WITH"}
        assert not found & {
            "RESOURCE_HOOKS",
            "ERROR_HOOKS",
            "PARAMETERIZATION",
            "REPLACEMENT_TRIGGER",
            "STATE_MIGRATIONS",
        }
        for name, supported in {"secrets": True, "transforms": True, "resourceHooks": False, "": False}.items():
            answer = monitor.SupportsFeature(resource_pb2.SupportsFeatureRequest(id=name))
            assert answer.hasSupport is supported, name

    look(see)


def test_the_program_is_told_where_it_runs():
    def see(monitor: Monitor) -> None:
        info = monitor.GetDeploymentInfo(Empty())
        assert (info.organization, info.project, info.stack, info.dryRun) == ("organization", "project", "dev", True)

    look(see)


def test_the_root_resource_is_remembered():
    def see(monitor: Monitor) -> None:
        monitor.SetRootResource(engine_pb2.SetRootResourceRequest(urn="urn:x"))
        assert monitor.GetRootResource(engine_pb2.GetRootResourceRequest()).urn == "urn:x"

    look(see)


REFUSED = {
    "remote": ({"remote": True}, "remote"),
    "package": ({"packageRef": "x"}, "parameterized providers"),
    "hooks": (
        {"hooks": resource_pb2.RegisterResourceRequest.ResourceHooksBinding(before_create=["x"])},
        "resource hooks",
    ),
    "trigger": ({"replacement_trigger": Value(string_value="x")}, "replacement triggers"),
    "environment": ({"envVarMappings": {"A": "B"}}, "environment variables"),
}


@pytest.mark.parametrize(("fields", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_a_feature_that_is_lacking_is_refused_by_its_name(fields, named):
    with pytest.raises(UnsupportedError, match=named) as raised:
        refuse_unsupported(resource_pb2.RegisterResourceRequest(name="one", type="a:b:C", **fields))
    assert "one: " in str(raised.value)


def test_an_empty_hook_binding_is_no_hook():
    binding = resource_pb2.RegisterResourceRequest.ResourceHooksBinding()
    refuse_unsupported(resource_pb2.RegisterResourceRequest(name="one", hooks=binding))


def test_refusals_reach_the_user_through_the_sdk():
    class Remote(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("fake:index:Remote", "far", {}, remote=True)

    result = Stack().up(Remote)
    assert not result.ok
    assert "far: remote (multi-language) components are not supported" in result.failures[0]


def test_a_package_without_a_provider_is_refused_with_those_that_there_are():
    class Bucket(pulumi.CustomResource):
        def __init__(self) -> None:
            super().__init__("aws:s3/bucket:Bucket", "mine", {})

    result = evaluate(Bucket, providers=BuiltInProviders())
    assert not result.ok
    assert "'aws'" in result.failures[0]
    assert "kubernetes, random, tls" in result.failures[0]


RANGES = {
    ">=3.0.0": True,
    ">=3.100.0 <4.0.0": True,
    "<3.0.0 || >=3.200.0": True,
    "3.x": True,
    ">3.x": False,
    "!3.272.0": False,
    "=3.272.0": True,
    "<3.272.0": False,
    ">= 3.272": True,
}


@pytest.mark.parametrize(("wanted", "fits"), RANGES.items())
def test_a_program_may_require_a_range_of_versions(wanted, fits):
    assert satisfies(ENGINE_VERSION, wanted) is fits


@pytest.mark.parametrize("wanted", ["", "soon", ">=3.0.0 ||", "3.0.0 and up"])
def test_a_malformed_range_is_refused(wanted):
    with pytest.raises(ProgramError, match="version range"):
        satisfies(ENGINE_VERSION, wanted)


def test_a_program_that_requires_another_version_is_told_so():
    result = Stack().up(lambda: pulumi.runtime.settings.require_pulumi_version(">=9.0.0"))
    assert not result.ok
    assert "requires Pulumi >=9.0.0" in result.failures[0]


def test_messages_of_the_program_keep_their_severity():
    def program() -> None:
        pulumi.log.info("for information")
        pulumi.log.warn("as a warning", Thing("one"))

    result = Stack().up(program)
    assert done(result)
    assert [(one.severity.value, one.message) for one in result.diagnostics] == [
        ("info", "for information"),
        ("warning", "as a warning"),
    ]
    assert result.diagnostics[1].urn.endswith("::one")
