"""The guide's tables are true: what each argument makes, and what its docstring says.

The list of arguments is written from the docstrings; when they change, write it anew:

    python -m tests.test_guide
"""

import re
import typing
from pathlib import Path

import pytest
from pulumi.provider.experimental.analyzer import Analyzer

import tenantmesh as tm
from tenantmesh.args import (
    app,
    authentication,
    gateway,
    login,
    mesh,
    rate_limits,
    sharing,
    sizes,
    telemetry,
    tenant,
    traffic,
    trust,
)
from tenantmesh.args.parse import parse_tenant
from tenantmesh.plan.certificates import CertificateMaterial, Leaf
from tenantmesh.plan.tenant import plan_tenant
from tests.authorities import Authority

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"
MARKS = ("<!-- from the docstrings: begin -->\n", "<!-- from the docstrings: end -->\n")
LEAF = Leaf(chain="leaf", key="key")
MATERIAL = CertificateMaterial(roots="roots", server=LEAF, clients={"ci": LEAF}, further={"staff": LEAF})
PEER = {"service": "pay", "ports": [8080], "reason": "orders"}
PATCH = {"kind": "Namespace", "name": "acme", "operations": [{"op": "add", "path": "/metadata/labels/a", "value": "b"}]}
SAMPLES = {
    "access": [{"role": "viewer", "groups": ["people"]}],
    "domain": "acme.example.com",
    "egress": {"services": [{"host": "api.example.org"}]},
    "ingress": {"hosts": ["acme.example.com"], "certificates": {"clients": ["ci"]}},
    "ingresses": {"staff": {"hosts": ["staff.example.com"], "replicas": {"minimum": 1, "maximum": 2}}},
    "jwt": [{"issuer": "https://id.example.com", "audiences": ["acme"], "jwks_uri": "https://id.example.com/keys"}],
    "namespaces": [{"name": "db"}],
    "quota": {"cpu": "8"},
    "rate_limits": [{"path": "/api", "requests": 100, "scope": "global"}],
    "settings.gateway_namespace": "gateway",
    "settings.mesh": {"trust_domain": "td.example.com"},
    "settings.patches": [PATCH],
    "settings.permissive": [{"service": "pay", "ports": [8080], "until": "2027-03-31", "reason": "old jobs"}],
    "settings.pod_security": "baseline",
    "settings.protect": True,
    "settings.retain": True,
    "settings.signer": "signers.example.com/acme",
    "settings.telemetry": {"access_log": "errors"},
    "sharing.exports": [{"to": ["globex"], **PEER}],
    "sharing.imports": [{"tenant": "globex", **PEER}],
    "sharing.project": {"name": "shop", "tenants": ["globex"]},
}
BESIDE = {key: {"ingress": SAMPLES["ingress"]} for key in ("ingresses", "jwt", "rate_limits")}
"""What an argument can't be without."""


SIGNERS = [{"name": SAMPLES["settings.signer"], "certificate": Authority(name="acme").root}]
"""The mesh has to have a signer that a tenant names, and then no tenant is without one."""


def planned(args):
    spec = parse_tenant("acme", args)
    bodies = plan_tenant(spec, MATERIAL if spec.ingress else None)
    return {(body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]): body for body in bodies}


def argument(path, value):
    if path == "settings.signer":
        return {"settings": {"mesh": {"trust": {"signers": SIGNERS}}, "signer": value}}
    outer, _, inner = path.partition(".")
    return {outer: {inner: value}} if inner else {outer: value}


def rows():
    """The guide's table of openings: argument, meaning, kinds that are added, kinds that change."""
    found = re.findall(r"^\| `([\w.]+)` \| (.+?) \| (.*?) \| (.*?) \|$", GUIDE.read_text(), re.MULTILINE)
    return {path: (added, changed) for path, _, added, changed in found if path in SAMPLES}


@pytest.mark.parametrize("path", SAMPLES)
def test_an_argument_adds_and_changes_what_the_guide_says(path):
    """Beside a tenant without arguments, or with those that it needs, nothing else differs."""
    beside = BESIDE.get(path, {})
    locked, given = planned(beside), planned(beside | argument(path, SAMPLES[path]))
    assert locked.keys() <= given.keys()
    added = sorted({kind for kind, *_ in given.keys() - locked.keys()})
    changed = sorted({key[0] for key, body in locked.items() if given[key] != body})
    assert rows()[path] == (", ".join(added) or "nothing", ", ".join(changed) or "nothing")


def test_the_guide_has_a_row_for_every_argument_of_a_tenant():
    """Those of `settings` and `sharing` by their fields."""
    wanted = {*tm.TenantArgs.__annotations__} - {"settings", "sharing"}
    wanted |= {f"settings.{field}" for field in tm.SettingsArgs.__annotations__}
    wanted |= {f"sharing.{field}" for field in tm.SharingArgs.__annotations__}
    assert set(SAMPLES) == set(rows()) == wanted


def test_the_guide_names_every_exception_of_the_network():
    infrastructure = {"api_server_cidrs": ["203.0.113.1/32"]}
    args = {key: value for key, value in SAMPLES.items() if "." not in key and key != "rate_limits"}
    args |= {"settings": {"mesh": {"infrastructure": infrastructure}}}
    args |= {"sharing": {path.partition(".")[2]: SAMPLES[path] for path in SAMPLES if path.startswith("sharing.")}}
    names = {name for kind, _, name in planned(args) if kind == "NetworkPolicy"}
    assert {name for name in names if f"`{name}`" not in GUIDE.read_text()} == {
        "allow-clients--staff",
        "grant--pay--globex",
        "import--pay--globex",
    }


def test_a_locked_tenant_is_as_small_as_the_guide_says():
    hard = planned({})["ResourceQuota", "acme", "tenant"]["spec"]["hard"]
    said = re.search(r"a quota of (\d+) CPU, (\w+) and (\d+) pods", GUIDE.read_text())
    assert said is not None
    assert said.groups() == (hard["requests.cpu"], hard["requests.memory"], hard["pods"])


def arguments() -> str:
    """A table for each Args, its fields in order, with their docstrings."""
    describe = Analyzer("tenantmesh").get_docstring
    lines: list[str] = []
    for name in (name for name in tm.__all__ if name.endswith("Args")):
        made = getattr(tm, name)
        lines += [f"### {name}", "", str(made.__doc__), "", "| field | meaning |", "|---|---|"]
        for field in made.__annotations__:
            required = " (required)" if field in made.__required_keys__ else ""
            meaning = " ".join(str(describe(made, field)).split()).replace("|", "\\|")
            lines.append(f"| `{field}`{required} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def test_the_list_of_arguments_is_that_of_the_docstrings():
    _, _, rest = GUIDE.read_text().partition(MARKS[0])
    assert rest.partition(MARKS[1])[0] == arguments(), "write it anew: python -m tests.test_guide"


def test_every_args_is_public():
    """Or the list would miss it."""
    tenants = (app, authentication, gateway, login, rate_limits, sharing, sizes, telemetry, tenant, traffic)
    modules = (*tenants, mesh, trust)
    made = {name for module in modules for name, value in vars(module).items() if typing.is_typeddict(value)}
    assert made == {name for name in tm.__all__ if name.endswith("Args")}


if __name__ == "__main__":
    before, _, rest = GUIDE.read_text().partition(MARKS[0])
    GUIDE.write_text(before + MARKS[0] + arguments() + MARKS[1] + rest.partition(MARKS[1])[2])
