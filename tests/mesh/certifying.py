"""Signers of CertificateSigningRequests, as a cluster has them beside it: each with an authority of its own."""

import base64
import datetime
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tenantmesh.cluster.api import Api
from tests.authorities import Authority

_REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
_PAUSE = 0.1


@contextmanager
def signing(api: Api, authorities: Mapping[str, Authority]) -> Generator[None]:
    """Sign what is approved for one of these signers, while the block lasts."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(_PAUSE):
            for one in api.get(_REQUESTS)["items"]:
                authority = authorities.get(one["spec"]["signerName"])
                if authority and _is_waiting(one):
                    _sign(api, one, authority)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _is_waiting(request: dict) -> bool:
    status = request.get("status", {})
    kinds = {one["type"] for one in status.get("conditions", ())}
    return kinds == {"Approved"} and "certificate" not in status


def _sign(api: Api, request: dict, authority: Authority) -> None:
    """istiod has seen to it that the name in the request is that of who asks."""
    asked = x509.load_pem_x509_csr(base64.b64decode(request["spec"]["request"]))
    now, hour = datetime.datetime.now(datetime.UTC), datetime.timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(asked.subject)
        .issuer_name(x509.load_pem_x509_certificate(authority.root.encode()).subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - hour)
        .not_valid_after(now + 4 * hour)
    )
    for one in asked.extensions:
        made = made.add_extension(one.value, critical=one.critical)
    pem = made.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    name = request["metadata"]["name"]
    body = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": name},
        "status": {"certificate": base64.b64encode(pem).decode()},
    }
    api.request("PATCH", f"{_REQUESTS}/{name}/status?fieldManager=signer&force=true", body)
