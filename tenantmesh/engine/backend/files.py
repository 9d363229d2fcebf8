"""Files that are either whole and old or whole and new, whatever moment the machine stops at."""

import gzip
import os
import secrets
import zlib
from pathlib import Path
from typing import Final

from tenantmesh.errors import StateError

MAX_BYTES: Final = 1 << 30
"""The largest state file, unpacked, that is read: 1 GiB; the reader holds all of it in memory."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


def read(path: Path) -> bytes | None:
    """The bytes of `path`, or None when it does not exist; raises StateError when it can't be read."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StateError(f"{path}: {size} bytes are more than the {MAX_BYTES} that can be read")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{path}: can't be read: {error.strerror}") from error


def write(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, durably: after a crash it holds the old content or the new, never a mixture."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StateError(f"{path}: can't be written: {error.strerror}") from error


def write_all(handle: int, data: bytes) -> None:
    """Write every byte of `data`, however many calls that takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def remove(path: Path) -> None:
    """Remove `path` durably; one that is gone already is removed."""
    try:
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync_folder(path.parent)
    except OSError as error:
        raise StateError(f"{path}: can't be removed: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable: a rename or a new file is lost in a power cut without this."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unpack(path: Path, data: bytes) -> bytes:
    """`data` without its gzip wrapping, if it has one; raises StateError for damaged or unknown compression."""
    if data.startswith(_ZSTD_MAGIC):
        raise StateError(
            f"{path}: zstd can't be read; unset PULUMI_DIY_BACKEND_ZSTD and let the Pulumi CLI write the file again"
        )
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        content = inflater.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise StateError(f"{path}: damaged gzip data: {error}") from error
    if inflater.unconsumed_tail:
        raise StateError(f"{path}: unpacks to more than the {MAX_BYTES} bytes that can be read")
    if not inflater.eof:
        raise StateError(f"{path}: damaged gzip data: it ends too early")
    return content


def pack(data: bytes) -> bytes:
    """`data` in gzip wrapping that holds no time, so that equal content gives equal bytes."""
    return gzip.compress(data, mtime=0)
