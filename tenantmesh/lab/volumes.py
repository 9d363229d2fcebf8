"""The files that a container finds: its volumes, written below a folder that stands for the root of its image."""

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from tenantmesh.cluster.api import Api
from tenantmesh.errors import LabError

_TOKEN_SECONDS = 3607


class Volumes(Struct, frozen=True, kw_only=True):
    """The volumes of one pod. Files are written once, at the start of the pod, and belong to the user `owner`."""

    api: Api
    pod: dict[str, Any]
    owner: int

    def write(self, container: dict[str, Any], root: Path) -> None:
        """Write every volume that `container` mounts, below `root`."""
        volumes = {volume["name"]: volume for volume in self.pod["spec"].get("volumes", [])}
        for mount in container.get("volumeMounts", []):
            folder = root / mount["mountPath"].lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in self._files(volumes[mount["name"]]).items():
                _write(folder / name, content, self.owner)
            os.chown(folder, self.owner, self.owner)

    @property
    def _readers(self) -> Mapping[str, Callable[[Mapping[str, Any]], dict[str, bytes]]]:
        return {
            "emptyDir": self._nothing,
            "configMap": self._config_map,
            "downwardAPI": self._downward,
            "projected": self._projected,
            "secret": self._secret,
            "serviceAccountToken": self._token,
        }

    def _files(self, volume: dict[str, Any]) -> dict[str, bytes]:
        for kind, reader in self._readers.items():
            if kind in volume:
                return reader(volume[kind] or {})
        raise LabError(f"the lab has no volume like {volume['name']}: {', '.join(sorted(volume.keys() - {'name'}))}")

    def _nothing(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        del source
        return {}

    def _projected(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        for one in source["sources"]:
            for kind, reader in self._readers.items():
                if kind in one:
                    files |= reader(one[kind])
        return files

    def _token(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        """A token that dies with the pod, as a kubelet asks for it."""
        metadata = self.pod["metadata"]
        account = self.pod["spec"].get("serviceAccountName", "default")
        bound = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
        spec: dict[str, Any] = {
            "expirationSeconds": source.get("expirationSeconds", _TOKEN_SECONDS),
            "boundObjectRef": bound,
        }
        if "audience" in source:
            spec["audiences"] = [source["audience"]]
        path = f"/api/v1/namespaces/{metadata['namespace']}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return {source["path"]: self.api.request("POST", path, body).json()["status"]["token"].encode()}

    def _config_map(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        found = self._object("configmaps", source["name"], source)
        return _chosen({name: text.encode() for name, text in found.get("data", {}).items()}, source)

    def _secret(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        found = self._object("secrets", source.get("secretName") or source["name"], source)
        return _chosen({name: base64.b64decode(text) for name, text in found.get("data", {}).items()}, source)

    def _object(self, kind: str, name: str, source: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.api.request("GET", f"/api/v1/namespaces/{self.pod['metadata']['namespace']}/{kind}/{name}")
        missing = answer.status == 404 and source.get("optional", False)
        return {} if missing else answer.json()

    def _downward(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        return {item["path"]: self._field(item["fieldRef"]["fieldPath"]) for item in source["items"]}

    def _field(self, path: str) -> bytes:
        value: Any = self.pod
        for part in path.split("."):
            value = value.get(part, {})
        if isinstance(value, dict):
            return "".join(f'{name}="{_escaped(text)}"\n' for name, text in sorted(value.items())).encode()
        return str(value).encode()


def _chosen(files: dict[str, bytes], source: Mapping[str, Any]) -> dict[str, bytes]:
    """All keys, or those that `items` names, under the paths that it gives."""
    items = source.get("items")
    return files if items is None else {item["path"]: files[item["key"]] for item in items if item["key"] in files}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _write(path: Path, content: bytes, owner: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.chown(path, owner, owner)
