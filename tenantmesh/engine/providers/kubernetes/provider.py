"""The provider itself: the engine's calls, handed on to a cluster or to files."""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tenantmesh.engine import paths
from tenantmesh.engine.provider import Ambient, Checked, Created, Diff, Found, Resource
from tenantmesh.engine.providers.kubernetes import naming
from tenantmesh.engine.providers.kubernetes.bodies import (
    INPUTS,
    Body,
    from_state,
    is_annotated,
    name_of,
    namespace_of,
    to_body,
)
from tenantmesh.engine.providers.kubernetes.clustered import Clustered
from tenantmesh.engine.providers.kubernetes.diffing import Comparison, compare, replacing
from tenantmesh.engine.providers.kubernetes.discovery import Definitions
from tenantmesh.engine.providers.kubernetes.lifecycle import Lifecycle
from tenantmesh.engine.providers.kubernetes.normalise import normalised
from tenantmesh.engine.providers.kubernetes.reconfiguring import diff_settings
from tenantmesh.engine.providers.kubernetes.render import AsPulumi, ByNamespace
from tenantmesh.engine.providers.kubernetes.rendered import Rendered
from tenantmesh.engine.providers.kubernetes.replacement import IDENTITY, forcing_fields
from tenantmesh.engine.providers.kubernetes.scopes import is_builtin, is_namespaced
from tenantmesh.engine.providers.kubernetes.session import Session
from tenantmesh.engine.providers.kubernetes.settings import Settings, read_settings
from tenantmesh.engine.providers.kubernetes.target import Target, target_of
from tenantmesh.engine.providers.kubernetes.tokens import Kind, refuse_unsupported
from tenantmesh.engine.values import Properties, has_unknowns
from tenantmesh.errors import ProviderError

_SECRET_TYPES: Final = frozenset({"kubernetes:core/v1:Secret", "kubernetes:core/v1:SecretPatch"})
_REPLACE_UNREADY: Final = "pulumi.com/replaceUnready"


class KubernetesProvider:
    """Manages Kubernetes objects of any kind; see docs/decisions/kubernetes-provider.md for its rules."""

    package = "kubernetes"

    def __init__(self, ambient: Ambient) -> None:
        self._ambient = ambient
        self._definitions = Definitions()
        self._settings = Settings()
        self._lifecycle: Lifecycle = self._place(self._settings)

    def version(self) -> str:
        """The version of the installed SDK, which is that of the provider that it asks for."""
        return _sdk_version()

    def configure(self, config: Properties) -> None:
        """Choose the cluster or folder. Nothing is contacted yet. Raises ProviderError, UnsupportedError."""
        self._settings = read_settings(config, self._ambient.environment)
        self._lifecycle = self._place(self._settings)

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        """What changes with the configuration; another cluster replaces every object."""
        return diff_settings(old, new)

    def check(self, resource: Resource, old: Properties, new: Properties) -> Checked:
        """The inputs with apiVersion, kind, a name and a namespace."""
        if old and self._settings.skip_update_unreachable and not self._lifecycle.is_reachable():
            return Checked(inputs=old)  # Nothing changes, so nothing is updated.
        target = target_of(resource, new)
        failures = naming.failures(new)
        if failures:
            return Checked(inputs=new, failures=failures)
        if target.patch and not _has_name(new):
            raise ProviderError(f"{resource.name}: a Patch needs metadata.name, the name of the object to patch")
        inputs = {**new, "apiVersion": new.get("apiVersion") or target.kind.api_version, "kind": target.kind.kind}
        inputs = naming.named(resource, old, _as_kept(target.kind, inputs), self._lifecycle.salt())
        if self._is_namespaced(target.kind):
            inputs = naming.in_namespace(inputs, self._lifecycle.namespace())
        if target.kind.kind == "CustomResourceDefinition":
            self._definitions.learn(inputs)
        return Checked(inputs=inputs)

    def diff(self, resource: Resource, identifier: str, old: Created, old_inputs: Properties, new: Properties) -> Diff:
        """What changes, measured against the part of the remembered object that the old inputs speak of."""
        del identifier  # What is compared carries its own name.
        target = target_of(resource, new)
        live = from_state(old.outputs)
        detailed = compare(self._comparison(target, live, to_body(old.outputs.get(INPUTS) or old_inputs)))
        ignored = [paths.parse(path) for path in resource.ignore_changes]
        if ignored:
            kept = {path for path in detailed if not any(paths.contains(one, paths.parse(path)) for one in ignored)}
            detailed = {path: item for path, item in detailed.items() if path in kept}
        replaces = replacing(detailed)
        if is_annotated(target.body, _REPLACE_UNREADY) and target.kind.kind == "Job":
            ready = self._lifecycle.is_ready(target)
            replaces += () if ready else (f'metadata.annotations["{_REPLACE_UNREADY}"]',)
        return Diff(
            changes=bool(detailed or replaces) or self._always_renders(),
            replaces=replaces,
            detailed=detailed,
            delete_before_replace=bool(replaces) and _takes_the_same_place(target.body, live),
        )

    def create(self, resource: Resource, inputs: Properties, *, preview: bool) -> Created:
        """Make the object and wait until it is ready. Raises InitFailedError when it is not."""
        target = target_of(resource, inputs)
        return self._lifecycle.preview_create(target) if preview else self._lifecycle.create(target)

    def read(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> Found | None:
        """The live object with the inputs that make it so. Raises InitFailedError when it is not ready."""
        return self._lifecycle.read(target_of(resource, inputs), identifier, outputs)

    def update(
        self,
        resource: Resource,
        identifier: str,
        old: Created,
        old_inputs: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> Created:
        """Change the object and wait until it is ready. Raises InitFailedError when it is not."""
        del identifier, old_inputs  # An update goes by the new inputs and by who applied the old ones.
        target = target_of(resource, new)
        change = self._lifecycle.preview_update if preview else self._lifecycle.update
        return change(target, old.outputs)

    def delete(self, resource: Resource, identifier: str, outputs: Properties, inputs: Properties) -> None:
        """Delete the object and wait until it is gone; a Patch only gives its fields back."""
        self._lifecycle.delete(target_of(resource, inputs or outputs), identifier, outputs)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The real provider's functions read YAML, Helm charts and Kustomize directories: refused."""
        del arguments  # No function of the real provider is there to take them.
        refuse_unsupported(token)
        raise ProviderError(f"{token}: there is no such function")

    def locate(self, resource: Resource, inputs: Properties) -> str | None:
        """The id of the object, if this stack has made it."""
        return self._lifecycle.locate(target_of(resource, inputs))

    def types(self) -> frozenset[str] | None:
        """Any kind may be registered, also ones that only a CustomResourceDefinition knows."""
        return None

    def secret_outputs(self, type_: str) -> frozenset[str]:
        """The data of a Secret."""
        return frozenset({"data", "stringData"}) if type_ in _SECRET_TYPES else frozenset()

    def _place(self, settings: Settings) -> Lifecycle:
        ambient, namespace = self._ambient, settings.namespace or "default"
        if ambient.offline:
            return Rendered(ambient=ambient, files=None, default_namespace=namespace)
        if ambient.render_to is not None:
            return Rendered(ambient=ambient, files=ByNamespace(ambient.render_to), default_namespace=namespace)
        if settings.yaml_directory:
            files = AsPulumi(Path(settings.yaml_directory))
            return Rendered(ambient=ambient, files=files, default_namespace=namespace)
        session = Session(settings, ambient)
        return Clustered(session=session, settings=settings, ambient=ambient, definitions=self._definitions)

    def _is_namespaced(self, kind: Kind) -> bool:
        if is_builtin(kind.group):
            return is_namespaced(kind.group, kind.kind)
        known = self._definitions.scope(kind)
        known = self._lifecycle.is_served_namespaced(kind) if known is None else known
        return is_namespaced(kind.group, kind.kind) if known is None else known

    def _comparison(self, target: Target, live: Body, asked: Body) -> Comparison:
        namespaced = self._is_namespaced(target.kind)
        return Comparison(
            kind=target.kind,
            live=_placed(live, target.kind, namespaced=namespaced),
            asked=_placed(asked, target.kind, namespaced=namespaced),
            wanted=_placed(target.body, target.kind, namespaced=namespaced),
            forcing=IDENTITY
            if target.patch
            else forcing_fields(target.kind, data_is_fixed=self._data_is_fixed(target)),
        )

    def _data_is_fixed(self, target: Target) -> bool:
        mutable = {"ConfigMap": self._settings.config_map_mutable, "Secret": self._settings.secret_mutable}
        return target.body.get("immutable") is True or not mutable.get(target.kind.kind, False)

    def _always_renders(self) -> bool:
        return bool(self._settings.yaml_directory) and self._settings.always_render


def _as_kept(kind: Kind, inputs: Properties) -> Properties:
    """`inputs` as the real provider remembers them: a Secret's texts are where the server puts them."""
    is_secret = (kind.group, kind.kind) == ("", "Secret")
    return normalised(kind, inputs) if is_secret and not has_unknowns(inputs) else inputs


def _placed(body: Body, kind: Kind, *, namespaced: bool) -> Body:
    """`body` with all that identifies an object, so that a place which only one side names is no difference."""
    metadata = {"name": "", **(body.get("metadata") or {})}
    if namespaced:
        metadata["namespace"] = metadata.get("namespace") or "default"
    else:
        metadata.pop("namespace", None)
    return {"apiVersion": kind.api_version, "kind": kind.kind, **body, "metadata": metadata}


def _takes_the_same_place(wanted: Body, live: Body) -> bool:
    """Whether the new object must have the old one's name, so that both can't be there at once."""
    same = (name_of(wanted), namespace_of(wanted)) == (name_of(live), namespace_of(live))
    return bool(name_of(wanted)) and not naming.is_autonamed(wanted) and same


def _has_name(inputs: Properties) -> bool:
    metadata = inputs.get("metadata")
    return metadata is not None and (not isinstance(metadata, dict) or bool(metadata.get("name")))


@cache
def _sdk_version() -> str:
    return version("pulumi-kubernetes")
