"""What a machine has to have and permit before a lab can be started."""

import os
import shutil
import subprocess
import sys

_PROGRAMS = {
    "ip": "iproute2",
    "iptables": "iptables",
    "iptables-restore": "iptables",
    "ipset": "ipset",
    "setpriv": "util-linux",
    "sysctl": "procps",
    "unshare": "util-linux",
}
"""Each with the Debian package that holds it."""

_TIMEOUT = 30


def missing() -> str:
    """Why no lab can be started here and what to do about it; "" where one can."""
    if sys.platform != "linux":
        return "the lab needs Linux, for its network namespaces: use a virtual machine"
    packages = sorted({package for program, package in _PROGRAMS.items() if shutil.which(program) is None})
    if packages:
        return f"the lab needs programs of the Debian packages {', '.join(packages)}: install them"
    if os.geteuid() != 0:
        return "the lab makes network namespaces and runs proxies as another user: run it as root"
    if not _may_make_namespaces():
        return (
            "no network namespaces can be made here: run it in a container with the capabilities SYS_ADMIN and "
            "NET_ADMIN (docker run --privileged, say), or in a virtual machine"
        )
    return ""


def _may_make_namespaces() -> bool:
    command = ["unshare", "--net", "--mount", "true"]
    return subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False).returncode == 0
