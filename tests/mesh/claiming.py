"""Callers with certificates that a test makes, and pods that are made anew for theirs."""

from collections.abc import Collection
from itertools import product
from pathlib import Path
from typing import Protocol

from tests.mesh.asking import Credential, RefusedError
from tests.mesh.driving import Body, Mesh

TENANT = "tenant1"
CALLER = "ns/tenant1/sa/productpage"
UNKNOWN = "TLSV1_ALERT_UNKNOWN_CA"
NOT_THE_SERVERS_ROOT = "CERTIFICATE_VERIFY_FAILED"
_WITHOUT_A_REASON = ("closed", "connection", "timeout")


def renew(mesh: Mesh, *apps: str, tenants: Collection[str] = (TENANT,)) -> None:
    """Other pods for some Apps of tenants, which get certificates of today's authority."""
    pairs = list(product(tenants, apps))
    before = {one["metadata"]["uid"] for pair in pairs for one in _pods(mesh, *pair)}
    for tenant, app in pairs:
        path = f"/api/v1/namespaces/{tenant}/pods?labelSelector=app%3D{app}"
        mesh.lab.api.request("DELETE", path).json()
    mesh.eventually(lambda: all(_is_renewed(_pods(mesh, *pair), before) for pair in pairs), 60)
    mesh.lab.wait("the new pods", lambda: mesh.lab.are_ready(*tenants))
    mesh.settle()


class Signing(Protocol):
    """Whoever signs certificates of workloads."""

    def sign(self, identity: str, folder: Path) -> tuple[Path, Path]:
        """Files with a certificate for `spiffe://<identity>` and with its key."""
        ...


def asked(
    mesh: Mesh, authority: Signing, domain: str, ca: Path, app: str = "details", *, tenant: str = TENANT
) -> int | str:
    """What an App's proxy answers to tenant1's productpage of a trust domain: a status, or why the handshake failed.

    From the gateway's pod, whose requests nothing redirects, so that the client shows what the test gives it.
    """
    certificate, key = authority.sign(f"{domain}/{CALLER}", ca.parent)
    credential = Credential(certificate=certificate, key=key, ca=ca)
    address = mesh.app(tenant, app)["status"]["podIP"]
    url = f"http://{address}:9080/{app}/0"
    found: list[int | str] = []

    def answered() -> bool:
        """A refusal that came after the request was sent may have lost its reason."""
        try:
            found.append(
                mesh.ask_inside(mesh.gateway(tenant), url, ca=ca, credential=credential, alpn=("istio",)).status
            )
        except RefusedError as refused:
            found.append(refused.reason)
        return found[-1] not in _WITHOUT_A_REASON

    mesh.eventually(answered, 60)
    return found[-1]


def _pods(mesh: Mesh, tenant: str, app: str) -> list[Body]:
    return mesh.lab.pods(tenant, f"app={app}")


def _is_renewed(found: list[Body], before: set[str]) -> bool:
    return bool(found) and not before & {one["metadata"]["uid"] for one in found}
