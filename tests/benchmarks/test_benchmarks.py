"""Each benchmark runs with tiny sizes and gives tables whose ratios mean something."""

import pytest

from benchmarks import helm, proofs, tenants
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.measure import Cost, Plan
from benchmarks.table import Table
from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.graph.cluster import Cluster

_TINY = Plan(runs=1, sizes=(2, 3))


def test_a_median_takes_each_figure_by_itself():
    costs = [Cost(1.0, 9.0, 10), Cost(2.0, 7.0, 30), Cost(3.0, 8.0, 20)]
    assert Cost.median(costs) == Cost(2.0, 8.0, 20)


def test_runs_are_interleaved():
    """A noisy minute must not fall on one of the things that are compared."""
    order = []
    work = {name: lambda name=name: order.append(name) or Cost(0, 0, 0) for name in "ab"}
    Plan(runs=2).medians(work)
    assert order == ["a", "b", "a", "b"]


def test_a_table_is_aligned_markdown():
    table = Table(title="T", note="n", headings=["what", "a"], rows=[["x", "1,000"]])
    assert table.markdown() == "### T\n\n| what |     a |\n| :--- | ----: |\n| x    | 1,000 |\n\nn\n"


def test_the_chart_asks_for_the_tenants_name_everywhere(tmp_path):
    """A template that held a name of its own would render the same objects for all."""
    template = helm.write_chart(tmp_path, 2) / "templates" / "tenants.yaml"
    text = template.read_text()
    assert text.count("\nkind: ") == len(tenants.bodies("acme"))
    assert "{{ .name }}" in text
    assert "placeholder" not in text


def test_each_tenant_of_a_ring_has_two_grants():
    cluster = Cluster(proofs.manifest(5))
    grants = find_intent(cluster).grants
    assert sorted(one.owner for one in grants) == sorted(tenants.names(5) * 2)
    assert not find_intent(cluster).halves


def test_what_is_compared_is_one_pod_a_tenant_and_all_its_network_policies():
    sample = proofs.policies(3)
    assert [end.namespace for end in sample.ends] == tenants.names(3)
    policies = [one for one in proofs.manifest(3) if one.key.kind == "NetworkPolicy"]
    assert [one.body for one in policies] == sample.policies


def test_an_unknown_benchmark_is_refused_by_name(capsys):
    with pytest.raises(SystemExit):
        main(["nonsense"])
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["planning", "preview", "proving"])
def test_each_benchmark_fills_its_tables(name):
    for table in BENCHMARKS[name](_TINY):
        assert table.rows
        assert all(len(row) == len(table.headings) for row in table.rows)


@pytest.mark.slow
@pytest.mark.controlplane
def test_deployments_are_measured_on_a_control_plane():
    for table in BENCHMARKS["deploying"](_TINY):
        assert [row[0] for row in table.rows] == ["2", "3"]
