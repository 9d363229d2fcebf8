"""Keeps the source of what is on every stack, for the SDK takes a stack trace for each resource."""

import linecache
import sys
from collections.abc import Iterable
from typing import Final

_ALWAYS: Final = (
    "asyncio.base_events",
    "asyncio.events",
    "pulumi.resource",
    "pulumi.runtime.resource",
    "pulumi.runtime.stack",
    "threading",
)
"""The modules that lead to a program and from it to the stack trace."""


def keep_lines(files: Iterable[str]) -> None:
    """Have Python take the lines of these modules and of `files` as they are, while this process lasts.

    Otherwise it asks for the state of every file on the stack before each trace, ten times a resource: 3 % of a run.
    """
    modules = [sys.modules.get(name) for name in _ALWAYS]
    for file in (*files, *(one.__file__ for one in modules if one and one.__file__)):
        if lines := linecache.getlines(file):
            # Without a time the entry is never compared with the file, as for modules that are in no file.
            linecache.cache[file] = (sum(map(len, lines)), None, lines, file)
