"""What a user writes about services whose callers are not all in the mesh yet."""

from typing import NotRequired, TypedDict


class PermissiveArgs(TypedDict):
    """Ports of one service that take plain text beside mutual TLS for a while, until its last caller has a sidecar.

    Callers without an identity come from the tenant's own namespaces, and those of its project: the network keeps all
    others out, and who has an identity needs the same one as ever.
    """

    service: str
    """The Service's name."""
    ports: list[int]
    """The ports that the service's pods listen on (a Service's targetPort); all others stay strict."""
    until: str
    """The last day of it, such as 2027-03-31: from the next day on `verify` finds an error."""
    reason: str
    """Why: it stands on the policies, for whoever asks later."""
    namespace: NotRequired[str]
    """The further namespace that the service is in. Default: the home namespace."""
    selector: NotRequired[dict[str, str]]
    """Labels of the service's pods. Default: app.kubernetes.io/name=<service>, as an App has."""
