"""What a stack is opened for."""

from enum import StrEnum


class Access(StrEnum):
    """Writing takes the stack's lock, reading does not and notes nothing."""

    READ = "read"
    WRITE = "write"
