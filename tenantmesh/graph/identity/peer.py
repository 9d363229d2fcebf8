"""PeerAuthentication: whether a workload asks its peers for an identity, and on which ports it does not.

Source: https://istio.io/latest/docs/reference/config/security/peer_authentication/.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.labels import EVERYTHING, Selector, selector
from tenantmesh.graph.network.shape import Unreadable, fields
from tenantmesh.manifest import ManifestObject

GROUP: Final = "security.istio.io"


class Mode(StrEnum):
    """What a port takes: only mutual TLS of the mesh, that or plain text, or plain text only."""

    STRICT = "STRICT"
    PERMISSIVE = "PERMISSIVE"
    DISABLE = "DISABLE"


class Asked(Struct, frozen=True):
    """The mode that holds for one port and the object that says so; None is Istio's default. `unknown` is a reason."""

    mode: Mode
    object: ManifestObject | None = None
    path: str = ""
    unknown: str = ""


class _Policy(NamedTuple):
    object: ManifestObject
    pods: Selector
    mode: Mode | None
    ports: tuple[tuple[int, Mode | None], ...]
    unknown: tuple[str, str] | None = None

    @property
    def takes_plain_text(self) -> bool:
        """Whether it may let some port take plain text."""
        modes = (self.mode, *(mode for _, mode in self.ports))
        return bool(self.unknown) or any(one not in (Mode.STRICT, None) for one in modes)


class PeerAuthentications:
    """All of them, compiled namespace by namespace."""

    def __init__(self, cluster: Cluster) -> None:
        self._objects = cluster.objects(GROUP, "PeerAuthentication")
        self._root = cluster.mesh.root_namespace
        self._read: dict[str, tuple[_Policy, ...]] = {}

    def asked(self, workload: Workload, port: int) -> Asked:
        """The mode of a port: by the workload's own policy, else the namespace's, else the mesh's."""
        own = self._policies(workload.namespace)
        # What selects pods of the root namespace has no effect: https://istio.io/latest/docs/reference/config/security/.
        chain = _whole(own)
        if workload.namespace != self._root:
            chain = [*_selecting(own, workload), *chain, *_whole(self._policies(self._root))]
        for one in chain:
            if one.pods.fit(workload.labels, workload.given) is Fit.UNSURE:
                return Asked(Mode.PERMISSIVE, one.object, "spec.selector", "whether it selects the pods is not known")
            if one.unknown:
                return Asked(Mode.PERMISSIVE, one.object, *one.unknown)
            for number, mode in one.ports:
                if number == port and mode is not None:
                    return Asked(mode, one.object, f"spec.portLevelMtls.{number}")
            if one.mode is not None:
                return Asked(one.mode, one.object, "spec.mtls.mode")
        return Asked(Mode.PERMISSIVE)

    def shut_off(self, namespace: str) -> Asked | None:
        """What switches mutual TLS off in a whole namespace; None where nothing does.

        Automatic mutual TLS goes by this: clients' proxies show no certificate there, whatever a pod or port asks.
        """
        own, mesh = self._policies(namespace), self._policies(self._root)
        said = next((one for one in (*_whole(own), *_whole(mesh)) if one.mode is not None), None)
        return Asked(said.mode, said.object, "spec.mtls.mode") if said and said.mode is Mode.DISABLE else None

    def ports(self, workload: Workload) -> tuple[int, ...]:
        """The ports that have a mode of their own."""
        chosen = _selecting(self._policies(workload.namespace), workload)
        return tuple(number for one in chosen for number, _ in one.ports)

    def weaker(self, namespace: str) -> tuple[Selector, ...]:
        """What selects pods that may take plain text on some port by a policy of their own."""
        if namespace == self._root:
            return ()
        return tuple(one.pods for one in self._policies(namespace) if one.pods.constraints and one.takes_plain_text)

    def _policies(self, namespace: str) -> tuple[_Policy, ...]:
        found = self._read.get(namespace)
        if found is None:
            ordered = sorted(self._objects.get(namespace, ()), key=_age)
            found = self._read[namespace] = tuple(_compile(one) for one in ordered)
        return found


def _selecting(policies: Iterable[_Policy], workload: Workload) -> list[_Policy]:
    """The oldest that selects the workload by labels."""
    return [one for one in policies if one.pods.constraints and one.pods.matches(workload.labels, workload.given)][:1]


def _whole(policies: Iterable[_Policy]) -> list[_Policy]:
    """The oldest that holds for a whole namespace."""
    return [one for one in policies if not one.pods.constraints][:1]


def _age(one: ManifestObject) -> tuple[str, str]:
    return str((one.body.get("metadata") or {}).get("creationTimestamp") or ""), one.key.name


def _compile(one: ManifestObject) -> _Policy:
    try:
        spec = fields(one.body.get("spec"), "spec", {"selector", "mtls", "portLevelMtls"})
        pods = selector(fields(spec.get("selector"), "spec.selector", {"matchLabels"}))
        mode = _mode(spec.get("mtls"), "spec.mtls")
        ports = spec.get("portLevelMtls") or {}
        levels = tuple((int(port), _mode(body, f"spec.portLevelMtls.{port}")) for port, body in ports.items())
    except Unreadable as error:
        return _Policy(one, EVERYTHING, None, (), (error.path, error.reason))
    except (AttributeError, ValueError):
        return _Policy(one, EVERYTHING, None, (), ("spec.portLevelMtls", "not a map of ports"))
    # Ports count only where the policy selects pods.
    return _Policy(one, pods, mode, levels if pods.constraints else ())


def _mode(body: object, path: str) -> Mode | None:
    mode = fields(body, path, {"mode"}).get("mode") or "UNSET"
    if mode == "UNSET":
        return None
    if mode not in Mode.__members__:
        raise Unreadable(f"{path}.mode", f"the mode {mode!r} is not known")
    return Mode(mode)
