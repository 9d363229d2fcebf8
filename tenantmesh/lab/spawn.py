"""Starting a pod's processes so that they can be found again: they carry the lab's name, as components do."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from tenantmesh.cluster.processes import inherited, marks


class Spawn(Struct, frozen=True, kw_only=True):
    """What is to run: a command line in a folder, printing to `log`; `environment` is added to what all inherit."""

    component: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path

    def start(self, lab: Path) -> "subprocess.Popen[bytes]":
        """Start it for the lab in `lab`, in a session of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={
                    **inherited(),
                    "HOME": str(self.folder),
                    **self.environment,
                    **marks(lab, self.component),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
