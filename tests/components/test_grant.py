"""The component Grant: the same objects as an export and an import."""

import pytest

import tenantmesh as tm
from tenantmesh.args.parse import parse_grant
from tenantmesh.components.program import current_program
from tenantmesh.errors import ArgsError
from tests.components.programs import made, problems

COMMON = {"service": "pay", "ports": [8080], "reason": "orders are paid"}


def bodies(found):
    return [item.body for item in found.manifest]


def test_a_grant_is_an_export_and_an_import():
    def granted():
        tm.Grant("pay", {"source": "acme", "destination": "globex", **COMMON, "methods": ["POST"]})
        tm.Tenant("acme")
        tm.Tenant("globex")

    def said_by_both():
        tm.Tenant("acme", {"sharing": {"imports": [{"tenant": "globex", **COMMON}]}})
        tm.Tenant("globex", {"sharing": {"exports": [{"to": ["acme"], **COMMON, "methods": ["POST"]}]}})

    assert bodies(made(granted)) == bodies(made(said_by_both))


def test_a_grant_changes_nothing_for_a_third_tenant():
    def program(*, granted):
        def run():
            if granted:
                tm.Grant("pay", {"source": "acme", "destination": "globex", **COMMON})
            for name in ("acme", "globex", "initech"):
                tm.Tenant(name)

        return run

    with_it, without = ([b for b in bodies(made(program(granted=g))) if _of(b) == "initech"] for g in (True, False))
    assert with_it == without != []


def test_wrong_arguments_are_all_named_by_path():
    wrong = {"source": "acme", "destination": "GLOBEX", **COMMON, "ports": [70000], "reason": " "}
    found = problems(lambda: tm.Grant("pay", wrong))
    assert sorted(problem.partition(": ")[0] for problem in found) == [
        "grants.pay.destination",
        "grants.pay.ports[0]",
        "grants.pay.reason",
    ]


def test_a_grant_that_no_tenant_can_follow_is_refused():
    """Constructed remotely, as programs in other languages do, it would open nothing and say nothing."""
    with pytest.raises(ArgsError, match="write exports and imports"):
        current_program().add_grant("pay", parse_grant("pay", {"source": "acme", "destination": "globex", **COMMON}))


def _of(body):
    return body["metadata"].get("namespace", body["metadata"]["name"])
