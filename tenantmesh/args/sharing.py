"""What a user writes to open a tenant to another: projects, exports, imports, grants."""

from typing import NotRequired, TypedDict


class ProjectArgs(TypedDict):
    """A group of tenants that reach one another's workloads; every member has to name the others."""

    name: str
    """The project's name, a label of the tenant's namespaces."""
    tenants: list[str]
    """The other members: `tenant`, or `tenant/namespace` for one of its further namespaces."""


class ExportArgs(TypedDict):
    """One service that other tenants may call: the owner's half of a grant.

    An App's Service is shown to its callers. Any other needs the annotation networking.istio.io/exportTo with the names
    of their namespaces.
    """

    service: str
    """The Service's name."""
    ports: list[int]
    """The ports that the service's pods listen on (a Service's targetPort)."""
    to: list[str]
    """Who may call: `tenant`, or `tenant/namespace` for one of its further namespaces."""
    namespace: NotRequired[str]
    """The further namespace that the service is in. Default: the home namespace."""
    methods: NotRequired[list[str]]
    """HTTP methods that are allowed. Default: all."""
    paths: NotRequired[list[str]]
    """HTTP paths that are allowed; a final `*` stands for everything under it. Default: all."""
    service_accounts: NotRequired[list[str]]
    """The caller's service accounts that are allowed. Default: all of that namespace."""
    selector: NotRequired[dict[str, str]]
    """Labels of the service's pods. Default: app.kubernetes.io/name=<service>, as an App has."""
    reason: str
    """Why: it stands on the policies, for whoever asks later."""


class ImportArgs(TypedDict):
    """One service of another tenant that this one calls: the caller's half of a grant."""

    tenant: str
    """The owner: `tenant`, or `tenant/namespace` for one of its further namespaces."""
    service: str
    """The Service's name."""
    ports: list[int]
    """The ports that the service's pods listen on."""
    selector: NotRequired[dict[str, str]]
    """Labels of the service's pods. Default: app.kubernetes.io/name=<service>, as an App has."""
    reason: str
    """Why: it stands on the policy."""


class SharingArgs(TypedDict):
    """All that opens a tenant to others."""

    project: NotRequired[ProjectArgs]
    """The project that the tenant is a member of. Default: none."""
    exports: NotRequired[list[ExportArgs]]
    """What others may call here. Default: nothing."""
    imports: NotRequired[list[ImportArgs]]
    """What this tenant calls there. Default: nothing."""


class GrantArgs(TypedDict):
    """The one way across, both halves at once, where one program holds both tenants."""

    source: str
    """Who calls: `tenant`, or `tenant/namespace`."""
    destination: str
    """Whose service it is: `tenant`, or `tenant/namespace`."""
    service: str
    """The Service's name."""
    ports: list[int]
    """The ports that the service's pods listen on."""
    methods: NotRequired[list[str]]
    """HTTP methods that are allowed. Default: all."""
    paths: NotRequired[list[str]]
    """HTTP paths that are allowed; a final `*` stands for everything under it. Default: all."""
    service_accounts: NotRequired[list[str]]
    """The caller's service accounts that are allowed. Default: all of that namespace."""
    selector: NotRequired[dict[str, str]]
    """Labels of the service's pods. Default: app.kubernetes.io/name=<service>, as an App has."""
    reason: str
    """Why: it stands on the policies, for whoever asks later."""
