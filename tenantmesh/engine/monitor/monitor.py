"""The resource monitor: what a program talks to, over gRPC or directly in the process.

Its methods are those of the public services ResourceMonitor and Engine (proto/pulumi/resource.proto and engine.proto),
with their messages. They are called from many threads, and return when what was asked for is done.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2, resource_pb2_grpc

from tenantmesh.engine import wire
from tenantmesh.engine.events import Severity
from tenantmesh.engine.monitor.functions import Functions
from tenantmesh.engine.monitor.registrar import Registrar, Surroundings
from tenantmesh.engine.monitor.request import Message, refuse_unsupported
from tenantmesh.engine.project.versions import ENGINE_VERSION, satisfies
from tenantmesh.engine.steps.deployment import StepFailedError, StoppedError
from tenantmesh.engine.values import Properties
from tenantmesh.errors import EngineError, ProgramError, UnsupportedError

_FEATURES: Final[Mapping[str, str]] = {
    "secrets": "SECRETS",
    "resourceReferences": "RESOURCE_REFERENCES",
    "outputValues": "OUTPUT_VALUES",
    "aliasSpecs": "ALIAS_SPECS",
    "deletedWith": "DELETED_WITH",
    "replaceWith": "REPLACE_WITH",
    "transforms": "TRANSFORMS",
    "invokeTransforms": "INVOKE_TRANSFORMS",
    "": "INVOKE_DEPENDS_ON",
}
"""What the engine does, by the ids of SupportsFeature and the enum ResourceMonitorFeature."""

_SEVERITIES: Final[Mapping[int, Severity]] = {
    engine_pb2.DEBUG: Severity.DEBUG,
    engine_pb2.INFO: Severity.INFO,
    engine_pb2.WARNING: Severity.WARNING,
    engine_pb2.ERROR: Severity.ERROR,
}

_INVOKED: Final[Any] = getattr(resource_pb2, "ResourceInvokeResponse", provider_pb2.InvokeResponse)
"""What Invoke returns; SDKs before 3.250 or so share the message of the provider's service."""


class Monitor:
    """Serves one program."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._reporter = surroundings.deployment.reporter
        self._registrar = Registrar(surroundings)
        self._functions = Functions(surroundings, self._registrar)
        self._root = ""

    def close(self) -> None:
        """Release the connections to the program."""
        self._surroundings.callbacks.close()

    def GetDeploymentInfo(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Who and what is deployed, and what the engine does."""
        del request
        around = self._surroundings
        settings = around.deployment.settings
        enum: Any = resource_pb2.ResourceMonitorFeature.DESCRIPTOR.values_by_name
        names = (f"RESOURCE_MONITOR_FEATURE_{name}" for name in _FEATURES.values())
        return resource_pb2.DeploymentInfo(
            project=settings.project,
            stack=settings.stack,
            organization=around.organization,
            config=around.config.values,
            configSecretKeys=sorted(around.config.secret_keys),
            dryRun=settings.preview,
            parallel=settings.parallel,
            supportedFeatures=[enum[name].number for name in names if name in enum],
        )

    def SupportsFeature(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Whether the engine does what the feature stands for."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=bool(request.id) and request.id in _FEATURES)

    def RegisterResource(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Bring about a resource that the program manages."""
        refuse_unsupported(request)
        try:
            state = self._registrar.register(request)
        except StepFailedError:
            return self._failure(request)
        outputs = state.outputs if state.custom else {}
        return resource_pb2.RegisterResourceResponse(
            urn=state.urn, id=state.id, object=self._encode(outputs, request, request.supportsPartialValues)
        )

    def RegisterResourceOutputs(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Keep the outputs of a component or of the stack."""
        self._registrar.register_outputs(request.urn, wire.decode(request.outputs))
        return Empty()

    def ReadResource(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Read a resource that the program does not manage."""
        refuse_unsupported(request)
        try:
            state = self._registrar.read(request)
        except StepFailedError as error:
            raise StoppedError(str(error)) from error
        return resource_pb2.ReadResourceResponse(
            urn=state.urn, properties=self._encode(state.outputs, request, partial=True)
        )

    def ExistsResource(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Whether a resource exists that the program does not manage."""
        refuse_unsupported(request)
        found = self._functions.exists(request)
        return resource_pb2.ExistsResourceResponse(exists=bool(found), unknown=found is None)

    def Invoke(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Call a provider's function."""
        refuse_unsupported(request)
        returned = self._functions.invoke(request)
        if returned is None:
            return _INVOKED(unknown=True)
        response = _INVOKED()
        references = request.acceptResources or request.tok == "pulumi:pulumi:getResource"
        getattr(response, "return").CopyFrom(wire.Encoder(references=references).encode(returned))
        return response

    def Call(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Methods of remote resources; none of the engine's providers has any."""
        raise UnsupportedError(f"{request.tok}: methods of provider resources are not supported by this engine")

    def RegisterStackTransform(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Run a transform on every resource that is registered from now on."""
        self._registrar.add_transform(request)
        return Empty()

    def RegisterStackInvokeTransform(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Run a transform on every function call from now on."""
        self._functions.add_transform(request)
        return Empty()

    def RegisterResourceHook(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Not served."""
        raise UnsupportedError(f"resource hook {request.name!r}: resource hooks are not supported by this engine")

    def RegisterErrorHook(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Not served."""
        raise UnsupportedError(f"error hook {request.name!r}: error hooks are not supported by this engine")

    def RegisterPackage(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Not served."""
        raise UnsupportedError(f"{request.name}: parameterized providers are not supported by this engine")

    def SignalAndWaitForShutdown(self, request: Message) -> Message:  # noqa: N802  the service's name
        """The program is done; nothing of it is needed for what follows."""
        del request
        return Empty()

    def Log(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Show a message of the program."""
        severity = _SEVERITIES.get(request.severity, Severity.INFO)
        self._reporter.say(severity, request.message, request.urn, ephemeral=request.ephemeral)
        return Empty()

    def GetRootResource(self, request: Message) -> Message:  # noqa: N802  the service's name
        """The stack's URN, once the program has said it."""
        del request
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Message) -> Message:  # noqa: N802  the service's name
        """The stack's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Fail unless the version of Pulumi that the engine stands for is in the range."""
        if not satisfies(ENGINE_VERSION, request.pulumi_version_range):
            raise ProgramError(
                f"the program requires Pulumi {request.pulumi_version_range}, and this engine is compatible with "
                f"{ENGINE_VERSION}"
            )
        return engine_pb2.RequirePulumiVersionResponse()

    def _failure(self, request: Message) -> Message:
        deployment = self._surroundings.deployment
        if deployment.stopped or not request.supportsResultReporting:
            raise StoppedError("the run is being stopped")
        urn = self._registrar.urn_of(request)
        return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)

    def _encode(self, outputs: Properties, request: Message, partial: bool) -> Message:  # noqa: FBT001  the request's
        encoder = wire.Encoder(secrets=request.acceptSecrets, references=request.acceptResources)
        return encoder.encode(outputs if partial else wire.known(outputs))


class RefusedError(grpc.RpcError):
    """What the SDK sees of an error when it calls the monitor directly: it asks for `code` and `details`."""

    def __init__(self, status: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self._status = status
        self._details = details

    def code(self) -> grpc.StatusCode:
        """The gRPC status."""
        return self._status

    def details(self) -> str:
        """The message."""
        return self._details


_STATUS: Final[Mapping[type[EngineError], grpc.StatusCode]] = {
    StoppedError: grpc.StatusCode.UNAVAILABLE,
    StepFailedError: grpc.StatusCode.UNAVAILABLE,
    UnsupportedError: grpc.StatusCode.FAILED_PRECONDITION,
}


def guarded(method: Callable[[Message], Message]) -> Callable[[Message], Message]:
    """`method` with errors as the SDK understands them."""

    def call(request: Message, *_: Any, **_options: Any) -> Message:
        try:
            return method(request)
        except EngineError as error:
            raise RefusedError(_STATUS.get(type(error), grpc.StatusCode.UNKNOWN), str(error)) from error

    return call


def _unimplemented(_request: Message) -> Message:
    raise RefusedError(grpc.StatusCode.UNIMPLEMENTED, "this engine has no such method")


class DirectMonitor(resource_pb2_grpc.ResourceMonitorStub):
    """The monitor as the SDK takes it in place of its gRPC stubs; older SDKs insist on the type."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._methods: dict[str, Callable[[Message], Message]] = {}

    def Log(self, request: Message) -> Message:  # noqa: N802  the service's name
        """Show a message, unless it is for debugging the SDK: there are ten for each resource."""
        return self._monitor.Log(request) if request.severity else Empty()

    def __getattr__(self, name: str) -> Callable[[Message], Message]:
        if name not in self._methods:
            self._methods[name] = guarded(getattr(self._monitor, name, _unimplemented))
        return self._methods[name]
