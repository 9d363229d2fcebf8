"""Kubeconfigs: the server's address, its CA and a client's certificate in one file."""

import base64
from pathlib import Path
from typing import Any

import yaml

from tenantmesh.cluster.folders import private_folder, write_private
from tenantmesh.cluster.pki import Authority, Circle, KeyPair

CONTEXT = "tenantmesh"
"""The name of the only context, cluster and user in each file."""


def write_kubeconfig(path: Path, *, server: str, authority: bytes, client: KeyPair) -> None:
    """Write a kubeconfig that needs no other file, readable by its owner only."""
    private_folder(path.parent)
    write_private(path, yaml.safe_dump(_document(server, authority, client), sort_keys=False).encode())


def keep_kubeconfig(path: Path, *, server: str, pki: Path, name: str) -> None:
    """Have the kubeconfig for the certificate `name` in `pki`; an unchanged one is left alone."""
    client = KeyPair(certificate=(pki / f"{name}.crt").read_bytes(), key=(pki / f"{name}.key").read_bytes())
    authority = Authority(pki, Circle.CLUSTER).path.read_bytes()
    text = yaml.safe_dump(_document(server, authority, client), sort_keys=False).encode()
    if not path.is_file() or path.read_bytes() != text:
        write_private(path, text)


def _document(server: str, authority: bytes, client: KeyPair) -> dict[str, Any]:
    user = {"client-certificate-data": _text(client.certificate), "client-key-data": _text(client.key)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": server, "certificate-authority-data": _text(authority)}}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }


def _text(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
