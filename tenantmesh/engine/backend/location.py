"""Where the state is: the backend's URL, from environment, project or `pulumi login`, and the paths below it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import yaml
from msgspec import Struct

from tenantmesh.engine.backend import files
from tenantmesh.engine.backend.names import StackName
from tenantmesh.errors import StateError

_SCHEME: Final = "file://"
_META: Final = "version: 1\n"


class Layout(Struct, frozen=True):
    """The paths below a backend's folder, as in pkg/backend/diy/store.go; `root` is the folder that holds `.pulumi`."""

    root: Path

    @property
    def book(self) -> Path:
        """The folder with everything in it."""
        return self.root / ".pulumi"

    def checkpoint(self, name: StackName) -> Path:
        """The checkpoint in its plain form; packed it has `.gz` appended."""
        return self.book / "stacks" / name.project / f"{name.stack}.json"

    def history(self, name: StackName) -> Path:
        """The folder of past updates."""
        return self.book / "history" / name.project / name.stack

    def backups(self, name: StackName) -> Path:
        """The folder of past checkpoints."""
        return self.book / "backups" / name.project / name.stack

    def locks(self, name: StackName) -> Path:
        """The folder whose every file is a lock."""
        return self.book / "locks" / str(name)

    def journal(self, name: StackName) -> Path:
        """The journal of a run that is under way or crashed; the Pulumi CLI does not look there."""
        return self.book / "tenantmesh" / "journal" / name.project / f"{name.stack}.jsonl"

    def gate(self, name: StackName) -> Path:
        """The file that runs of tenantmesh on one machine lock in the kernel."""
        return self.book / "tenantmesh" / "gates" / name.project / f"{name.stack}.lock"

    def prepare(self) -> None:
        """Make the folder a backend, or check that it is one of a layout that is understood."""
        meta = self.book / "meta.yaml"
        data = files.read(meta)
        if data is None:
            stacks = self.book / "stacks"
            if stacks.is_dir() and any(path.suffix in {".json", ".gz"} for path in stacks.iterdir() if path.is_file()):
                raise StateError(
                    f"{self.book}: stacks without projects can't be used; run `pulumi state upgrade` first"
                )
            files.write(meta, _META.encode())
        elif _version(data) != 1:
            raise StateError(f"{meta}: only version 1 can be used; run `pulumi state upgrade` or a newer tenantmesh")


def _version(data: bytes) -> object:
    try:
        content = yaml.safe_load(data)
    except yaml.YAMLError:
        return None
    return content.get("version") if isinstance(content, dict) else None


def resolve(url: str | None, environment: Mapping[str, str], project_url: str | None) -> Path:
    """The folder that holds `.pulumi`.

    The first of these that is set decides: `url`, PULUMI_BACKEND_URL, the project's `backend.url`, the backend of
    `pulumi login` in PULUMI_CREDENTIALS_PATH or PULUMI_HOME. With none it is the home folder, as after
    `pulumi login --local`. Raises StateError for a backend that is not a folder.
    """
    chosen = url or environment.get("PULUMI_BACKEND_URL") or project_url or _logged_in(environment) or f"{_SCHEME}~"
    if not chosen.startswith(_SCHEME):
        # A URL may carry a password, so only its scheme is shown.
        raise StateError(
            f"the backend {urlsplit(chosen).scheme or chosen!r}: can't be used, only file://<folder>; set "
            "PULUMI_BACKEND_URL to one"
        )
    path = chosen.removeprefix(_SCHEME).partition("?")[0]
    if path == "~" or path.startswith("~/"):
        path = str(_home(environment)) + path[1:]
    return Path(os.path.abspath(path or "."))  # noqa: PTH100 -- resolve() would follow links that the CLI keeps


def _logged_in(environment: Mapping[str, str]) -> str:
    folder = environment.get("PULUMI_CREDENTIALS_PATH") or environment.get("PULUMI_HOME")
    path = (Path(folder) if folder else _home(environment) / ".pulumi") / "credentials.json"
    data = files.read(path)
    try:
        content = json.loads(data) if data else {}
    except (ValueError, RecursionError):
        raise StateError(f"{path}: not JSON; run `pulumi login file://<folder>` or set PULUMI_BACKEND_URL") from None
    current = content.get("current", "") if isinstance(content, dict) else ""
    return current if isinstance(current, str) else ""


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())
