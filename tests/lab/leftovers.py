"""What a lab has on the machine besides its lock: processes, network namespaces, links, routes, files."""

import subprocess
from pathlib import Path

from tenantmesh.cluster.processes import find
from tenantmesh.lab.layout import Layout


def leftovers(layout: Layout) -> list[str]:
    """Each thing by a name; [] when nothing is left."""
    processes = [one.component for folder in (layout.folder, layout.cluster.folder) for one in find(folder)]
    places = (Path("/run/netns"), Path("/etc/netns"), Path("/sys/class/net"))
    names = [str(one) for place in places if place.is_dir() for one in place.iterdir() if layout.id in one.name]
    command = ["ip", "route"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    routes = [line for line in shown if layout.id in line]
    files = [str(one) for one in layout.folder.iterdir() if one != layout.lock] if layout.folder.is_dir() else []
    return [*processes, *names, *routes, *files]
