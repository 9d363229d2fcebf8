"""What `make up` and `make down` do: the dev stack on a cluster that is at hand, or as YAML where there is none."""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml
from rich.console import Console
from rich.prompt import Confirm
from rich.table import Column, Table

from tenantmesh.cli.progress import shown_progress
from tenantmesh.cli.workspace import Workspace
from tenantmesh.cluster import down, up
from tenantmesh.engine.values import reveal
from tenantmesh.errors import TenantmeshError

ROOT = Path(__file__).parents[1]
STATE = ROOT / ".state"
RENDERED = ROOT / "rendered"
STACK = "dev"
console = Console()


def main() -> int:
    """Deploy, or take down, and say what is there."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--down", action="store_true", help="destroy the dev stack and stop the local cluster")
    is_down = arguments.parse_args().down
    os.chdir(ROOT)
    os.environ.update(_own_state(os.environ))
    try:
        return _take_down() if is_down else _deploy()
    except TenantmeshError as error:
        console.print(f"error: {error}", style="red", markup=False)
        return 1


def _deploy() -> int:
    kubeconfig = _kubeconfig()
    if kubeconfig is None:
        return 1
    if not kubeconfig:
        console.print("no cluster is at hand (no KUBECONFIG, no Go to build one): rendering the dev stack to YAML")
        return _tenantmesh("render", "--out", str(RENDERED))
    os.environ["KUBECONFIG"] = kubeconfig
    code = _tenantmesh("up", "--yes")
    if code == 0:
        _show(kubeconfig)
    return code


def _take_down() -> int:
    if "KUBECONFIG" in os.environ:
        return _tenantmesh("destroy") if _may_use(os.environ["KUBECONFIG"]) else 1
    with shown_progress() as on_progress:
        os.environ["KUBECONFIG"] = str(up(on_progress=on_progress).kubeconfig)
    code = _tenantmesh("destroy", "--yes")
    with shown_progress() as on_progress:
        down(on_progress=on_progress)
    return code


def _kubeconfig() -> str | None:
    """The cluster to deploy to: "" when there is none to be had, None when its owner said no."""
    if "KUBECONFIG" in os.environ:
        path = os.environ["KUBECONFIG"]
        return path if _may_use(path) else None
    if shutil.which("go") is None and "KUBEBUILDER_ASSETS" not in os.environ:
        return ""
    with shown_progress() as on_progress:
        return str(up(on_progress=on_progress).kubeconfig)


def _may_use(path: str) -> bool:
    """Whether the person at the terminal wants the cluster of KUBECONFIG to be changed."""
    content = yaml.safe_load(Path(path.split(os.pathsep)[0]).read_text()) or {}
    context = content.get("current-context", "its first context")
    if not sys.stdin.isatty():
        console.print(f"KUBECONFIG is set ({context}) and nobody is there to be asked; unset it for a local cluster")
        return False
    return Confirm.ask(f"KUBECONFIG is set: change the cluster of {context!r}?", default=False)


def _own_state(environment: Mapping[str, str]) -> dict[str, str]:
    """A state folder in this checkout with a passphrase of its own, as far as the user has not chosen otherwise."""
    chosen: dict[str, str] = {}
    if "PULUMI_BACKEND_URL" not in environment:
        STATE.mkdir(mode=0o700, exist_ok=True)
        chosen["PULUMI_BACKEND_URL"] = f"file://{STATE}"
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & environment.keys():
        STATE.mkdir(mode=0o700, exist_ok=True)
        file = STATE / "passphrase"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(32))
        chosen["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(file)
    return chosen


def _tenantmesh(verb: str, *arguments: str) -> int:
    command = [sys.executable, "-m", "tenantmesh", verb, "--stack", STACK, *arguments]
    return subprocess.run(command, check=False).returncode


def _show(kubeconfig: str) -> None:
    """The tenants with their endpoints, and where to look next."""
    outputs = reveal(Workspace.find(ROOT, STACK).outputs(STACK))
    whole = (Column(title, no_wrap=True) for title in ("tenant", "endpoint", "address", "node ports"))
    table = Table(*whole, "namespaces")
    for name, tenant in sorted(outputs.items()):
        ports = ", ".join(str(port) for port in sorted(tenant["nodePorts"].values()))
        table.add_row(name, tenant["endpoint"], tenant["address"], ports, ", ".join(tenant["namespaces"]))
    console.print(table)
    console.print("where to look next:", style="bold")
    for line in (
        f"export KUBECONFIG={kubeconfig}",
        f"kubectl get all,networkpolicies,authorizationpolicies -n {min(outputs)}",
        "$EDITOR stacks/dev.py && make up    # change a size and see what it changes",
        "make down",
    ):
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
