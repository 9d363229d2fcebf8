"""For each rule a breach and its cure, over two tenants that are fenced."""

import datetime
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.declarations.statements import IntentFile
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Proof
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject
from tests.checks.certificates import filled

HERE = Path(__file__).parent
TODAY = datetime.date(2030, 6, 1)
NAMES = sorted(path.stem for path in (HERE / "cases").glob("*.yaml"))


@dataclass(frozen=True)
class Breach:
    """What `cases/<rule>.yaml` says: texts of YAML, which replace or join the objects of the fenced tenants."""

    about: str
    bad: str
    good: str
    base: str = ""
    remove: tuple[str, ...] = ()
    intent: dict[str, Any] | None = None
    good_intent: dict[str, Any] | None = None

    def breached(self) -> Proof:
        return proven(self.base, self.bad, remove=self.remove, intent=self.intent)

    def cured(self) -> Proof:
        return proven(self.base, self.good, intent=self.good_intent or self.intent)


@cache
def breach(rule: str) -> Breach:
    return Breach(**yaml.safe_load((HERE / "cases" / f"{rule}.yaml").read_text()))


@cache
def fenced() -> tuple[str, ...]:
    text = (HERE / "fenced.yaml").read_text()
    return (text, text.replace("acme", "globex"))


def objects(*texts: str, remove: tuple[str, ...] = ()) -> Manifest:
    """The fenced tenants' objects, those of `texts` in the place of what has the same name."""
    bodies = [body for text in (*fenced(), *texts) for body in yaml.safe_load_all(filled(text)) if body]
    made = {
        str((item := ManifestObject(body=body, source=f"objects.yaml:{at}")).key): item
        for at, body in enumerate(bodies, 1)
    }
    return Manifest.of(item for name, item in made.items() if name not in remove)


def proven(*texts: str, remove: tuple[str, ...] = (), intent: dict[str, Any] | None = None) -> Proof:
    cluster = Cluster(objects(*texts, remove=remove))
    file = IntentFile.model_validate(intent) if intent else None
    return prove(cluster, find_intent(cluster, file), today=TODAY)


def of_rule(proof: Proof, rule: str) -> list[Finding]:
    return [one for one in proof.findings if one.rule.id == rule]
