"""Where the control plane keeps its state and its built program: the platform's own folders unless told otherwise."""

import os
from pathlib import Path


def default_state_folder() -> Path:
    """The cluster's folder when none is given: `tenantmesh/cluster` in $XDG_STATE_HOME (default ~/.local/state)."""
    return _base("XDG_STATE_HOME", ".local/state") / "tenantmesh" / "cluster"


def default_cache_folder() -> Path:
    """What is built once for all clusters: `tenantmesh` in $XDG_CACHE_HOME (default ~/.cache)."""
    return _base("XDG_CACHE_HOME", ".cache") / "tenantmesh"


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, and give it back; one that is there keeps its mode."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Put a file in place whole or not at all, readable by its owner only."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    part.replace(path)


def _base(variable: str, below_home: str) -> Path:
    """A folder of the XDG base directory specification, which has relative values ignored."""
    value = Path(os.environ.get(variable, ""))
    return value if value.is_absolute() else Path.home() / below_home
