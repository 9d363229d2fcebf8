"""What the example of telemetry claims, looked up in the objects that it makes."""

import json

from tests.examples.programs import objects


def text(found, name):
    (content,) = found.one("ConfigMap", name, "monitoring")["data"].values()
    return json.loads(content)


def test_telemetry_gives_prometheus_the_job_and_the_tenants_rules():
    found = objects("telemetry")
    assert found.names("ConfigMap", "monitoring") == [
        "studio--dashboard",
        "studio--kiali",
        "studio--rules",
        "tenantmesh-scrape",
    ]
    (job,) = text(found, "tenantmesh-scrape")["scrape_configs"]
    assert job["job_name"] == "tenantmesh-proxies"
    (group,) = text(found, "studio--rules")["groups"]
    assert {rule["record"] for rule in group["rules"]} > {"tenant:requests:total", "tenant:latency_ms:p99"}
    assert any("[10m]" in rule["expr"] for rule in group["rules"])
    assert text(found, "studio--dashboard")["title"] == "Tenant studio"


def test_telemetry_logs_the_tenants_errors_alone():
    (logging,) = objects("telemetry").spec("Telemetry", "default", "studio")["accessLogging"]
    assert logging["filter"]["expression"].startswith("response.code >= 400")


def test_traces_opens_the_network_for_the_tenant_that_is_traced_alone():
    found = objects("traces")
    opened = [tenant for tenant in ("museum", "cinema") if "allow-tracing" in found.names("NetworkPolicy", tenant)]
    assert opened == ["cinema"]
    (cinema,) = found.spec("Telemetry", "default", "cinema")["tracing"]
    assert cinema["customTags"]["tenant"] == {"literal": {"value": "cinema"}}
    assert found.spec("Telemetry", "default", "museum") == {"tracing": [{"disableSpanReporting": True}]}
