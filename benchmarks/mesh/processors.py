"""How much processor time a process has used, to the microsecond, and which Envoy is a pod's."""

from pathlib import Path

from tenantmesh.lab.links import run

_NANOSECONDS = 1e9


def envoy_of(namespace: str, *, but: frozenset[int] = frozenset()) -> int:
    """The process id of the Envoy that runs in a network namespace, other than those named."""
    found = [int(text) for text in run("ip", "netns", "pids", namespace).split()]
    (pid,) = (one for one in found if one not in but and (Path(f"/proc/{one}/comm").read_text().strip() == "envoy"))
    return pid


def workers(pid: int) -> int:
    """How many threads for requests an Envoy has been told to have."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return int(words[words.index("--concurrency") + 1])


def used(pid: int) -> float:
    """Seconds that all threads of a process have run so far, in the kernel and outside."""
    spent = (path.read_text().split()[0] for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(text) for text in spent) / _NANOSECONDS
