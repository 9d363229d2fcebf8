"""A request's path as proxies see it before they hold policies against it.

Source: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ProxyPathNormalization.
"""

import re
from functools import lru_cache
from typing import Final

_QUERY: Final = re.compile(r"[?#]")
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_ESCAPED_SLASH: Final = re.compile(r"%2[Ff]|%5[Cc]")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9\-._~]")
_MERGED: Final = frozenset({"MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"})


@lru_cache(maxsize=1 << 12)
def normalized(path: str, mode: str) -> str:
    """`path` without its query, normalized as `mode` of MeshConfig's `pathNormalization` says."""
    plain = _QUERY.split(path, maxsplit=1)[0]
    if mode == "NONE":
        return plain
    if mode == "DECODE_AND_MERGE_SLASHES":
        plain = _ESCAPED_SLASH.sub("/", plain)
    plain = _ESCAPED.sub(_unreserved, plain).replace("\\", "/")
    # Dots are taken out before slashes are merged.
    plain = _without_dots(plain)
    return re.sub("/+", "/", plain) if mode in _MERGED else plain


def _unreserved(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if _UNRESERVED.match(letter) else found[0]


def _without_dots(path: str) -> str:
    if "/." not in path:
        return path
    kept: list[str] = []
    parts = path.split("/")
    for part in parts[1:]:
        if part == "..":
            del kept[-1:]
        elif part != ".":
            kept.append(part)
    ending = "/" if parts[-1] in (".", "..") and kept else ""
    return "/" + "/".join(kept) + ending
