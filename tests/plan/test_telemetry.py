"""What is recorded of tenants: judged by Prometheus' own tool where it is installed."""

import json
import re
import shutil
import subprocess

import pytest

from tenantmesh.args.parse import parse_mesh, parse_tenant
from tenantmesh.plan.mesh import mesh_config, plan_mesh
from tenantmesh.plan.telemetry.dashboard import dashboard
from tenantmesh.plan.telemetry.recording import PERCENTILES, recording_rules
from tenantmesh.plan.telemetry.scraping import scrape_config, statistics

ASKED = {"settings": {"telemetry": {}}, "namespaces": [{"name": "db"}]}
TENANT = parse_tenant("acme", ASKED)
KEPT = re.compile("|".join(f"(?:{one})" for one in statistics()["proxyStatsMatcher"]["inclusionRegexps"]))


@pytest.fixture
def promtool(tmp_path):
    """Runs it on files of these contents and gives what it says."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("needs the Debian package prometheus")

    def run(*command, **files):
        for name, content in files.items():
            (tmp_path / f"{name}.yaml").write_text(json.dumps(content))
        names = [f"{name}.yaml" for name in files][-1:]
        done = subprocess.run(
            [program, *command, *names], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def data(body):
    (text,) = body["data"].values()
    return json.loads(text)


def test_nothing_is_added_unless_asked(planned):
    assert planned().names("ConfigMap") == planned().names("Telemetry") == []


def test_rules_dashboard_and_scope_are_where_no_tenant_changes_them(planned):
    found = planned(ASKED)
    assert found.names("ConfigMap") == [f"monitoring/acme--{name}" for name in ("dashboard", "kiali", "rules")]
    assert found.names("Telemetry") == []
    labels = found.one("ConfigMap", "acme--dashboard", "monitoring")["metadata"]["labels"]
    assert labels["grafana_dashboard"] == "1"


@pytest.mark.parametrize(("logged", "key"), [("errors", "filter"), ("none", "disabled")])
def test_what_is_not_logged_is_said_in_each_namespace(planned, logged, key):
    found = planned({**ASKED, "settings": {"telemetry": {"access_log": logged}}})
    assert found.names("Telemetry") == ["acme/default", "acme--db/default"]
    (logging,) = found.spec("Telemetry", "default")["accessLogging"]
    assert key in logging


def test_a_kiali_sees_the_tenants_namespaces_and_numbers_alone(planned):
    scope = data(planned(ASKED).one("ConfigMap", "acme--kiali", "monitoring"))
    assert scope["external_services"]["prometheus"]["query_scope"] == {"tenant": "acme"}
    selectors = scope["deployment"]["discovery_selectors"]["default"]
    assert selectors == [{"matchLabels": {"tenantmesh.dev/tenant": "acme"}}]
    assert scope["deployment"]["cluster_wide_access"] is False
    assert scope["istio_labels"]["ingress_gateway_label"] == "istio=acme-ingress"


def test_the_scrape_job_is_made_where_the_mesh_names_a_namespace():
    bodies = plan_mesh(parse_mesh({"telemetry": {"namespace": "monitoring"}}))
    (body,) = [one for one in bodies if one["kind"] == "ConfigMap"]
    assert data(body) == {"scrape_configs": [scrape_config()]}
    assert "ConfigMap" not in [one["kind"] for one in plan_mesh(parse_mesh())]


@pytest.mark.parametrize(
    ("namespace", "tenant"),
    [("acme", "acme"), ("acme--db", "acme"), ("acme-db", "acme-db"), ("acme--db---0123abcd", "acme")],
)
def test_the_tenant_of_a_number_is_what_its_namespace_begins_with(namespace, tenant):
    (rule,) = [one for one in scrape_config()["relabel_configs"] if one.get("target_label") == "tenant"]
    found = re.fullmatch(rule["regex"], namespace)
    assert found is not None
    assert found[1] == tenant


def test_a_proxy_can_not_say_of_which_tenant_its_numbers_are():
    assert scrape_config()["honor_labels"] is False


@pytest.mark.parametrize(
    ("statistic", "kept"),
    [
        ("http.inbound_0.0.0.0_9080;.downstream_rq_5xx", True),
        ("http.outbound_0.0.0.0_8443;.downstream_rq_time", True),
        ("http.inbound_0.0.0.0_9080;.downstream_cx_rx_bytes_total", True),
        ("tcp.inbound|6379||.downstream_cx_tx_bytes_total", True),
        ("cluster.outbound|9080||reviews.acme.svc.cluster.local;.upstream_rq_2xx", True),
        ("cluster.outbound|9080||reviews.acme.svc.cluster.local;.external.upstream_rq_2xx", False),
        ("cluster.outbound|9080||reviews.acme.svc.cluster.local;.upstream_rq_200", False),
        ("http.inbound_0.0.0.0_9080;.downstream_cx_active", False),
    ],
)
def test_proxies_keep_what_the_rules_count_and_no_more(statistic, kept):
    assert (KEPT.fullmatch(statistic) is not None) is kept


def test_every_rule_reads_the_tenant_alone():
    (group,) = recording_rules(TENANT)["groups"]
    for rule in group["rules"]:
        selectors = re.findall(r"\{([^}]*)\}", rule["expr"])
        assert selectors
        for selector in selectors:
            assert 'tenant="acme"' in selector or 'namespace=~"acme|acme--db"' in selector


def test_the_window_is_the_one_asked_for():
    spec = parse_tenant("acme", {"settings": {"telemetry": {"window_minutes": 30}}})
    (group,) = recording_rules(spec)["groups"]
    windows = {found for rule in group["rules"] for found in re.findall(r"\[(\w+)\]", rule["expr"])}
    assert windows == {"30m"}


def test_the_dashboard_shows_recorded_series_of_the_tenant_alone():
    recorded = {rule["record"] for group in recording_rules(TENANT)["groups"] for rule in group["rules"]}
    shown = [target["expr"] for panel in dashboard(TENANT)["panels"] for target in panel["targets"]]
    for expression in shown:
        (name,) = re.findall(r"\b(tenant\w*:\w+:\w+)\{", expression)
        assert name in recorded
        assert 'tenant="acme"' in expression
    assert {f"tenant:latency_ms:{name}" for name in PERCENTILES} <= {one.partition("{")[0] for one in shown}


def test_the_panels_lie_beside_and_below_one_another():
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard(TENANT)["panels"]]
    assert len(set(places)) == len(places)


def test_prometheus_takes_the_rules(promtool):
    status, said = promtool("check", "rules", rules=recording_rules(TENANT))
    assert (status, "SUCCESS" in said) == (0, True), said


def test_the_log_names_the_tenant_in_both_formats():
    text = mesh_config(parse_mesh())
    assert "accessLogEncoding" not in text
    found = mesh_config(parse_mesh({"telemetry": {"access_log": "json"}}))
    for config in (text, found):
        assert "tenantmesh.dev/tenant" in config["accessLogFormat"]
    assert json.loads(found["accessLogFormat"])["source"] == "%DOWNSTREAM_PEER_URI_SAN%"
    assert "accessLogFile" not in mesh_config(parse_mesh({"telemetry": {"access_log": "none"}}))


SERIES = {
    # A request a second at the gateway, a fifth of them failed; the other tenant's may not be seen.
    'envoy_http_downstream_rq{tenant="acme",point="ingress",namespace="acme",response_code_class="2xx"}': "0+24x20",
    'envoy_http_downstream_rq{tenant="acme",point="ingress",namespace="acme",response_code_class="5xx"}': "0+6x20",
    'envoy_http_downstream_rq{tenant="globex",point="ingress",namespace="globex",response_code_class="5xx"}': "0+99x20",
    'envoy_http_downstream_rq_time_bucket{tenant="acme",point="ingress",le="10"}': "0+15x20",
    'envoy_http_downstream_rq_time_bucket{tenant="acme",point="ingress",le="100"}': "0+30x20",
    'envoy_http_downstream_rq_time_bucket{tenant="acme",point="ingress",le="+Inf"}': "0+30x20",
    'envoy_tcp_downstream_cx_rx_bytes_total{tenant="acme",point="workload",tcp_prefix="inbound|6379||"}': "0+100x20",
    'envoy_http_downstream_cx_rx_bytes_total{tenant="acme",point="workload"}': "0+50x20",
    'envoy_cluster_upstream_rq{tenant="acme",namespace="acme",app="web",response_code_class="2xx",'
    'cluster_name="outbound|9080|v1|reviews.acme.svc.cluster.local"}': "0+30x20",
    'kube_resourcequota{namespace="acme--db",resource="pods",type="used"}': "6x20",
    'kube_resourcequota{namespace="acme--db",resource="pods",type="hard"}': "24x20",
    'kube_resourcequota{namespace="globex",resource="pods",type="used"}': "6x20",
    'kube_resourcequota{namespace="globex",resource="pods",type="hard"}': "24x20",
}
RECORDED = {
    "tenant:requests:total": [
        ('{tenant="acme",point="ingress",response_code_class="2xx"}', 480),
        ('{tenant="acme",point="ingress",response_code_class="5xx"}', 120),
    ],
    "tenant:errors:total": [('{tenant="acme",point="ingress"}', 120)],
    "tenant:errors:ratio": [('{tenant="acme",point="ingress"}', 0.2)],
    "tenant:received_bytes:total": [('{tenant="acme",point="workload"}', 3000)],
    "tenant:latency_ms:p50": [('{tenant="acme",point="ingress"}', 10)],
    "tenant:latency_ms:p90": [('{tenant="acme",point="ingress"}', 82)],
    "tenant_edge:requests:rate": [
        (
            '{tenant="acme",namespace="acme",app="web",response_code_class="2xx",'
            'destination="reviews.acme.svc.cluster.local"}',
            1,
        )
    ],
    "tenant:quota_used:ratio": [('{tenant="acme",namespace="acme--db",resource="pods"}', 0.25)],
}


def test_the_rules_give_these_numbers(promtool):
    """Counted by Prometheus' own test of rules, from series as the scrape job labels them."""
    samples = [
        {
            "expr": name,
            "eval_time": "10m",
            "exp_samples": [{"labels": name + labels, "value": value} for labels, value in found],
        }
        for name, found in RECORDED.items()
    ]
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "30s",
        "tests": [
            {
                "interval": "30s",
                "input_series": [{"series": name, "values": values} for name, values in SERIES.items()],
                "promql_expr_test": samples,
            }
        ],
    }
    status, said = promtool("test", "rules", rules=recording_rules(TENANT), test=test)
    assert status == 0, said
