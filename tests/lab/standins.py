"""Stand-ins that a test starts on loopback."""

import os
import socket
import subprocess
from contextlib import contextmanager

_TIMEOUT = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(program, image, folder=None, **environment):
    """The port of a stand-in for `image`; it ends in good order, or the test fails."""
    port = free_port()
    command = [program, "--image", image, "--ports", str(port), "--address", "127.0.0.1"]
    known = {"PATH": os.environ["PATH"], "HOSTNAME": "pod-1", **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=known, cwd=folder) as process:
        try:
            assert "listens on" in process.stdout.readline()
            yield port
        finally:
            process.terminate()
        assert process.wait(_TIMEOUT) == 0
