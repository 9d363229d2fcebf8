"""Function calls of a program (`invoke`): transforms, the provider, and when the answer can't be known yet."""

from pulumi.runtime.proto import resource_pb2

from tenantmesh.engine import urn as urns
from tenantmesh.engine import wire
from tenantmesh.engine.monitor.registrar import Registrar, Surroundings
from tenantmesh.engine.monitor.request import Message
from tenantmesh.engine.provider import Resource
from tenantmesh.engine.secrets import mark
from tenantmesh.engine.values import Properties, has_secrets, has_unknowns, reveal
from tenantmesh.errors import ProviderError


class Functions:
    """Calls providers' functions."""

    def __init__(self, surroundings: Surroundings, registrar: Registrar) -> None:
        self._deployment = surroundings.deployment
        self._callbacks = surroundings.callbacks
        self._registrar = registrar
        self._transforms: list[Message] = []

    def add_transform(self, callback: Message) -> None:
        """Run a transform on every call from now on."""
        self._transforms.append(callback)

    def invoke(self, request: Message) -> Properties | None:
        """What the function returns; None when that is known only after the deployment."""
        self._deployment.go_on()
        token, package = request.tok, urns.package_of(request.tok)
        arguments = wire.decode(request.args)
        self._deployment.reporter.scrubber.learn(arguments)
        options = resource_pb2.TransformInvokeOptions(
            provider=self._registrar.provider_of(package, request.provider, getattr(request, "parent", "")),
            version=request.version,
            plugin_download_url=request.pluginDownloadURL,
        )
        for transform in self._transforms:
            arguments, options = self._callbacks.transform_invoke(transform, token, arguments, options)
        if has_unknowns(arguments) or self._waits(getattr(request, "dependsOn", ())):
            return None
        reference = options.provider or self._registrar.defaults.reference(
            package, options.version, options.plugin_download_url
        )
        try:
            returned = self._deployment.providers.of(reference).invoke(token, reveal(arguments))
        except ProviderError as error:
            raise ProviderError(
                self._deployment.reporter.scrubber.scrub(f"invocation of {token} failed: {error}")
            ) from error
        marked = mark(returned, {key: value for key, value in arguments.items() if has_secrets(value)})
        self._deployment.reporter.scrubber.learn(marked)
        return marked

    def exists(self, request: Message) -> bool | None:
        """Whether a resource of this type and id exists; None when the id is known only after the deployment."""
        self._deployment.go_on()
        if request.id in ("", wire.UNKNOWN_TEXT):
            return None
        package, settings = urns.package_of(request.type), self._deployment.settings
        reference = self._registrar.provider_of(
            package, request.provider, request.parent
        ) or self._registrar.defaults.reference(package, request.version, request.pluginDownloadURL)
        properties = reveal(wire.decode(request.properties))
        urn = urns.make(settings.stack, settings.project, request.parent, request.type, request.id)
        resource = Resource(urn=urn, type=request.type, name=request.id)
        found = self._deployment.providers.of(reference).read(resource, request.id, properties, properties)
        return found is not None

    def _waits(self, urns_: "list[str] | tuple[str, ...]") -> bool:
        """Whether a resource that has to be there before the call is only planned."""
        found = (self._deployment.news.get(urn) for urn in urns_)
        return any(state is not None and state.custom and not state.id for state in found)
