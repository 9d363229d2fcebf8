"""One stack of the shop that gets interrupted: its program, configuration and state in folders of its own."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tenantmesh.engine.backend import Access, FileBackend, Passphrase
from tenantmesh.engine.resource import Snapshot
from tests.stacks.stage import PASSPHRASE, Stage

PROJECT = "crash"
_PROGRAM = Path(__file__).with_name("program")
_PHRASE = {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
CODE = Passphrase(_PHRASE)
"""One for all stacks: they share a salt, so that its key is derived once a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """`name` is that of the stack and of its namespace."""

    name: str
    salt: str
    stage: Stage

    @classmethod
    def open(cls, folder: Path, name: str, salt: str, kubeconfig: Path) -> "Shop":
        """A shop with the first revision of its program, not deployed yet."""
        program, state = folder / "program", folder / "state"
        shutil.copytree(_PROGRAM, program, ignore=shutil.ignore_patterns("__pycache__"))
        state.mkdir()
        shop = cls(name=name, salt=salt, stage=Stage(program=program, state=state, kubeconfig=kubeconfig, stack=name))
        shop.revise(1)
        return shop

    def revise(self, revision: int) -> None:
        """Have the program ask for this revision from now on."""
        lines = [f"encryptionsalt: {self.salt}", "config:"]
        lines += [f"  {PROJECT}:namespace: {self.name}", f'  {PROJECT}:revision: "{revision}"', ""]
        (self.stage.program / f"Pulumi.{self.name}.yaml").write_text("\n".join(lines))

    @property
    def journal(self) -> Path:
        """Where a run takes down its steps."""
        return self.stage.state / ".pulumi" / "tenantmesh" / "journal" / PROJECT / f"{self.name}.jsonl"

    @property
    def manager(self) -> str:
        """The field manager of this stack."""
        return f"tenantmesh-{PROJECT}-{self.name}"

    def snapshot(self) -> Snapshot:
        """The state as it is now, the steps of a run that was killed included; secrets decrypted."""
        backend = FileBackend.open(f"file://{self.stage.state}", environment=_PHRASE)
        if self.name not in backend.stacks(PROJECT):
            return Snapshot()
        with backend.open_stack(PROJECT, self.name, CODE, access=Access.READ) as store:
            return store.snapshot
