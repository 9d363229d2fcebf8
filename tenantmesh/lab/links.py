"""Network namespaces and their links, by the `ip` command, with its refusals as errors that say what to do."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tenantmesh.errors import LabError

NAMESPACES = Path("/run/netns")
"""Where iproute2 keeps the names of network namespaces."""

CONFIGURATION = Path("/etc/netns")
"""Where iproute2 looks for files that it lays over those in /etc for whatever runs in a namespace."""

_TIMEOUT = 30.0


def run(*command: str, given: str = "") -> str:
    """What a command prints; LabError with its complaint when it fails. `given` is its input."""
    program = shutil.which(command[0])
    if program is None:
        raise LabError(
            f"the lab needs {command[0]}: install Debian's iproute2 and iptables, or what has them elsewhere"
        )
    try:
        done = subprocess.run(
            [program, *command[1:]], input=given, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"`{' '.join(command)}` did not end within {_TIMEOUT:g} s: look at the machine's load") from None
    if done.returncode != 0:
        raise LabError(f"`{' '.join(command)}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def batch(lines: Iterable[str], namespace: str | None = None) -> None:
    """Run lines of `ip` in one process, in `namespace` or on the host; the first refusal is a LabError."""
    where = ("-n", namespace) if namespace else ()
    run("ip", *where, "-batch", "-", given="\n".join(lines) + "\n")


def make(namespace: str) -> None:
    """Make a network namespace; LabError that says what to do where that is not permitted."""
    try:
        run("ip", "netns", "add", namespace)
    except LabError as problem:
        raise LabError(
            f"no network namespace can be made here ({problem}): "
            "run as root, in a container with the capabilities SYS_ADMIN and NET_ADMIN"
        ) from None


def remove(namespace: str) -> None:
    """Remove a namespace's name and what was laid over /etc there; one that is gone already is fine.

    The kernel keeps the namespace itself until the last process in it has ended, so its links are cut as well.
    """
    if (NAMESPACES / namespace).exists():
        for name in _interfaces(namespace):
            _quietly("ip", "-n", namespace, "link", "delete", name)
        _quietly("ip", "netns", "delete", namespace)
    shutil.rmtree(CONFIGURATION / namespace, ignore_errors=True)


def named(prefix: str) -> list[str]:
    """The namespaces whose names begin so, also those of which only the files over /etc are left."""
    found = (path.name for place in (NAMESPACES, CONFIGURATION) if place.is_dir() for path in place.iterdir())
    return sorted({name for name in found if name.startswith(prefix)})


def delete_link(name: str) -> None:
    """Remove an interface of the host, and so its other end; one that is gone already is fine."""
    if Path("/sys/class/net", name).exists():
        _quietly("ip", "link", "delete", name)


def write_settings(namespace: str, settings: Iterable[str]) -> None:
    """Set kernel parameters, as `net.ipv4.ip_forward=1`, of a namespace; those that an older kernel lacks are left."""
    run("ip", "netns", "exec", namespace, "sysctl", "--quiet", "--ignore", "--write", *settings)


def _interfaces(namespace: str) -> list[str]:
    """All but loopback; none for a name that is left of a namespace that is gone."""
    try:
        lines = run("ip", "-n", namespace, "-brief", "link").splitlines()
    except LabError:
        return []
    return [name for name in (line.split()[0].partition("@")[0] for line in lines) if name != "lo"]


def _quietly(*command: str) -> None:
    """Somebody else may have removed it meanwhile."""
    try:
        run(*command)
    except LabError:
        return
