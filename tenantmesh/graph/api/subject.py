"""Who asks the Kubernetes API, and for what."""

from enum import StrEnum

from msgspec import Struct

AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
SERVICE_ACCOUNTS = "system:serviceaccounts"
MASTERS = "system:masters"
"""The group that is allowed everything before any role is looked at."""
NODES = "system:nodes"
"""The group of the kubelets, for which the node authorizer decides too."""

EVERYBODY = frozenset({AUTHENTICATED, UNAUTHENTICATED, SERVICE_ACCOUNTS})
"""Groups in which every tenant has members."""

_ANONYMOUS = "system:anonymous"
_ACCOUNT = "system:serviceaccount:"


class SubjectKind(StrEnum):
    """The kinds that a binding names."""

    USER = "User"
    GROUP = "Group"
    SERVICE_ACCOUNT = "ServiceAccount"


class Subject(Struct, frozen=True, kw_only=True):
    """A user, somebody of a group, or a service account.

    `namespace` is a service account's own. `groups` are those that the authenticator adds; the ones that Kubernetes
    implies come by themselves.
    """

    kind: SubjectKind
    name: str
    namespace: str = ""
    groups: tuple[str, ...] = ()

    @property
    def username(self) -> str:
        """The name that the API server knows; "" for a member of a group of whom nothing else is known."""
        match self.kind:
            case SubjectKind.USER:
                return self.name
            case SubjectKind.SERVICE_ACCOUNT:
                return f"{_ACCOUNT}{self.namespace}:{self.name}"
            case SubjectKind.GROUP:
                return ""

    @property
    def memberships(self) -> tuple[str, ...]:
        """All groups, the implied ones among them.

        Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/.
        """
        own = (self.name,) if self.kind is SubjectKind.GROUP else ()
        if self.kind is SubjectKind.GROUP and _is_home(self):
            own = (self.name, SERVICE_ACCOUNTS)
        account = self.named
        if account.kind is SubjectKind.SERVICE_ACCOUNT:
            own = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{account.namespace}")
        anonymous = self.name in (_ANONYMOUS, UNAUTHENTICATED)
        return tuple(dict.fromkeys((*self.groups, *own, UNAUTHENTICATED if anonymous else AUTHENTICATED)))

    @property
    def named(self) -> "Subject":
        """The same, but a user with a service account's name as that service account, and without groups."""
        kind, name, namespace = self.kind, self.name, self.namespace
        if kind is SubjectKind.USER and name.startswith(_ACCOUNT):
            parts = name.removeprefix(_ACCOUNT).split(":")
            if len(parts) == 2 and all(parts):
                kind, namespace, name = SubjectKind.SERVICE_ACCOUNT, *parts
        return Subject(kind=kind, name=name, namespace=namespace)

    @property
    def home(self) -> str:
        """The namespace whose service accounts these are; "" for people and for service accounts of everywhere."""
        if self.kind is SubjectKind.GROUP:
            return self.name.removeprefix(f"{SERVICE_ACCOUNTS}:") if _is_home(self) else ""
        return self.named.namespace

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.kind is SubjectKind.SERVICE_ACCOUNT else ""
        return f"{self.kind} {place}{self.name}"


class Resource(Struct, frozen=True, kw_only=True):
    """What a request is about, as the authorizer is told: `resource` holds the subresource too, as in `pods/exec`.

    `namespace` is "" for what is in none, and for a list over all namespaces. `name` is "" for a request that tells
    none: `deletecollection`, a `create` (but for a subresource and for a server-side apply of an object that is not
    there), and a `list` or `watch` without the field selector `metadata.name=…`.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources.
    """

    resource: str
    group: str = ""
    name: str = ""
    namespace: str = ""

    def __str__(self) -> str:
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        what = f"{kind} {self.name}" if self.name else kind
        return f"{what} in namespace {self.namespace}" if self.namespace else f"{what} of the cluster"


def _is_home(group: Subject) -> bool:
    return group.name.startswith(f"{SERVICE_ACCOUNTS}:")
