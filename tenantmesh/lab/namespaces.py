"""Sockets in other network namespaces: how one process talks from within a pod, or from the node."""

import ctypes
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tenantmesh.errors import LabError
from tenantmesh.lab.links import NAMESPACES

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_Result = TypeVar("_Result")


def within(namespace: str, action: Callable[[], _Result]) -> _Result:
    """What `action` gives when it runs in the namespace of that name, in a thread of its own.

    A socket stays in the namespace in which it was made, so a connection may be handed out. LabError where the
    namespace can't be entered.
    """
    # A thread that has moved can't be trusted to come back: it is thrown away.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_moved, namespace, action).result()


def connect(namespace: str, host: str, port: int, *, timeout: float = 10) -> socket.socket:
    """A TCP connection from within the namespace, as if a program in the pod had opened it; OSError without one."""
    return within(namespace, lambda: socket.create_connection((host, port), timeout))


def _moved(namespace: str, action: Callable[[], _Result]) -> _Result:
    try:
        descriptor = os.open(NAMESPACES / namespace, os.O_RDONLY)
    except OSError as problem:
        raise LabError(f"no network namespace {namespace} ({problem.strerror}): is the lab up?") from None
    try:
        if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
            raise LabError(f"the network namespace {namespace} can't be entered: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)
    return action()
