"""Turns what the SDK sends into goals: transforms, inheritance from the parent, the provider; then has them planned."""

from collections import defaultdict

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.engine import urn as urns
from tenantmesh.engine import wire
from tenantmesh.engine.monitor import request as requests
from tenantmesh.engine.monitor.callbacks import Callbacks
from tenantmesh.engine.monitor.defaults import Config, DefaultProviders, provider_inputs
from tenantmesh.engine.monitor.request import Message, Options
from tenantmesh.engine.positions import SourcePositions
from tenantmesh.engine.resource import Change, ResourceState
from tenantmesh.engine.steps.deployment import Deployment
from tenantmesh.engine.steps.goal import Goal
from tenantmesh.engine.steps.planner import Planner
from tenantmesh.engine.values import Properties
from tenantmesh.errors import ProgramError


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a monitor needs besides its program."""

    deployment: Deployment
    config: Config
    callbacks: Callbacks
    positions: SourcePositions
    organization: str = "organization"


class Registrar:
    """Remembers of each resource what its children inherit."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._deployment = surroundings.deployment
        self._callbacks = surroundings.callbacks
        self._positions = surroundings.positions
        self._planner = Planner(surroundings.deployment)
        self.defaults = DefaultProviders(surroundings.config, self._planner.register)
        self._goals: dict[str, Goal] = {}
        self._providers: dict[str, dict[str, str]] = {}
        """The providers that a component gives its children, by package."""
        self._transforms: dict[str, tuple[Message, ...]] = {}
        self._stack_transforms: list[Message] = []

    def add_transform(self, callback: Message) -> None:
        """Run a transform on every resource from now on."""
        self._stack_transforms.append(callback)

    def urn_of(self, request: Message) -> str:
        """The URN that a request is about."""
        settings = self._deployment.settings
        return urns.make(settings.stack, settings.project, request.parent, request.type, request.name)

    def register(self, request: Message) -> ResourceState:
        """Bring a resource about."""
        if request.custom and request.type.count(":") != 2:
            raise ProgramError(f"{request.type!r} is not a type; a resource's type is written package:module:name")
        options = self._inherit(request, Options.of_request(request))
        found: dict[str, wire.Dependencies] = defaultdict(set)
        for key, item in request.propertyDependencies.items():
            found[key].update(item.urns)
        properties = wire.decode(request.object, found)
        self._deployment.reporter.scrubber.learn(properties)
        if not request.propertyDependencies and options.depends_on:
            found.update({key: set(options.depends_on) for key in properties})
        transforms = self._transforms_of(request)
        for transform in transforms:
            properties, found, options = self._callbacks.transform(transform, request, properties, found, options)
        goal = self._goal(request, options, properties, found)
        with self._deployment.busy():
            state = self._planner.register(goal)
        self._remember(state.urn, goal, request, options)
        return state

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep a component's outputs; the stack's own are settled when it is known how the run ended."""
        deployment = self._deployment
        if urns.qualified_type(urn) == urns.ROOT_STACK:
            deployment.stack_outputs = outputs
            return
        with deployment.lock:
            state = deployment.news.get(urn)
            if state is None:
                raise ProgramError(f"outputs of {urn} were registered before the resource itself")
            if state.outputs == outputs:
                return
            changed = replace(state, outputs=outputs)
            deployment.news[urn] = changed
            deployment.ledger.record(Change(put=changed))

    def read(self, request: Message) -> ResourceState:
        """Read a resource that somebody else manages."""
        provider = request.provider
        if not provider:
            package = urns.package_of(request.type)
            provider = self.defaults.reference(package, request.version, request.pluginDownloadURL)
        if not request.id:
            raise ProgramError(f"{request.name}: an id is needed to read a resource")
        goal = Goal(
            type=request.type,
            name=request.name,
            custom=True,
            parent=request.parent,
            properties=wire.decode(request.properties),
            dependencies=tuple(sorted(request.dependencies)),
            provider=provider,
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            read_id=request.id,
            source_position=self._positions.of(request),
            program_line=self._positions.line(request),
        )
        with self._deployment.busy():
            return self._planner.read(goal)

    def provider_of(self, package: str, given: str, parent: str) -> str:
        """The provider that was given, or that the parent's `providers` name for the package; empty for the default."""
        return given or self._providers.get(parent, {}).get(package, "")

    def _inherit(self, request: Message, options: Options) -> Options:
        goal = self._goals.get(request.parent)
        if goal is None:
            return options
        package = urns.package_of(request.type)
        of_parent = urns.provided_package(urns.type_of(urns.split_reference(goal.provider)[0]))
        options.deleted_with = options.deleted_with or goal.deleted_with
        options.protect = goal.protect if options.protect is None else options.protect
        options.retain_on_delete = (
            goal.retain_on_delete if options.retain_on_delete is None else options.retain_on_delete
        )
        options.provider = options.provider or (goal.provider if of_parent == package else "")
        return options

    def _transforms_of(self, request: Message) -> tuple[Message, ...]:
        """Its own transforms, then its parents' from the nearest on, then the stack's."""
        found = [*request.transforms]
        parent = request.parent
        while parent:
            found += self._transforms.get(parent, ())
            parent = self._goals[parent].parent if parent in self._goals else ""
        return (*found, *self._stack_transforms)

    def _goal(
        self, request: Message, options: Options, properties: Properties, found: dict[str, wire.Dependencies]
    ) -> Goal:
        all_found: set[str] = set().union(*found.values()) if found else set()
        # What the engine adds to a provider's inputs is not the program's, and gets no entry.
        keys = sorted({*properties, *found})
        if urns.is_provider(request.type):
            properties = provider_inputs(properties, options.version, options.plugin_download_url)
        return Goal(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=properties,
            dependencies=tuple(sorted({*options.depends_on, *all_found})),
            property_dependencies={key: tuple(sorted(found.get(key, ()))) for key in keys},
            provider=self._provider(request, options),
            aliases=tuple(requests.alias(message) for message in options.aliases),
            protect=options.protect,
            retain_on_delete=options.retain_on_delete,
            delete_before_replace=options.delete_before_replace,
            ignore_changes=options.ignore_changes,
            replace_on_changes=options.replace_on_changes,
            hide_diff=options.hide_diff,
            additional_secret_outputs=options.additional_secret_outputs,
            import_id=options.import_,
            custom_timeouts=requests.timeouts(options.custom_timeouts),
            deleted_with=options.deleted_with,
            replace_with=options.replace_with,
            source_position=self._positions.of(request),
            program_line=self._positions.line(request),
        )

    def _provider(self, request: Message, options: Options) -> str:
        if urns.is_provider(request.type) or not request.custom:
            return ""
        package = urns.package_of(request.type)
        given = options.provider or options.providers.get(package, "")
        reference = self.provider_of(package, given, request.parent)
        return reference or self.defaults.reference(package, options.version, options.plugin_download_url)

    def _remember(self, urn: str, goal: Goal, request: Message, options: Options) -> None:
        self._goals[urn] = goal
        if request.transforms:
            self._transforms[urn] = tuple(request.transforms)
        if not request.custom:
            single = urns.provided_package(urns.type_of(urns.split_reference(options.provider)[0]))
            own = {single: options.provider} if single else {}
            self._providers[urn] = {**self._providers.get(request.parent, {}), **own, **options.providers}
