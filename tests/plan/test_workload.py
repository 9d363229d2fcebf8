"""Apps: Deployments, Service, settings, probes."""

import pytest

from tenantmesh.args.parse import parse_app, parse_tenant
from tenantmesh.plan.tenant import plan_app

WEB = {"image": "web:1", "ports": [{"port": 80, "target": 8080}]}


def pod(plan, name="web"):
    return plan.spec("Deployment", name)["template"]["spec"]


def container(plan, name="web"):
    return pod(plan, name)["containers"][0]


def test_an_app_is_a_deployment_a_service_and_an_identity(planned_app):
    plan = planned_app(WEB)
    assert [plan.names(kind) for kind in ("Deployment", "Service", "ServiceAccount")] == [["acme/web"]] * 3
    assert len(plan.bodies) == 3
    assert pod(plan)["serviceAccountName"] == "web"
    assert not pod(plan)["automountServiceAccountToken"]


def test_a_service_is_inside_the_cluster_and_seen_by_its_tenant(planned_app):
    body = planned_app(WEB, {"namespaces": [{"name": "db"}]}).one("Service", "web")
    assert body["metadata"]["annotations"] == {"networking.istio.io/exportTo": "acme,acme--db"}
    assert body["spec"]["type"] == "ClusterIP"
    assert body["spec"]["ports"] == [
        {"appProtocol": "http", "name": "http-80", "port": 80, "protocol": "TCP", "targetPort": 8080}
    ]


def test_versions_stand_side_by_side_behind_one_service(planned_app):
    versions = [{"name": "v1", "image": "r:1"}, {"name": "v2", "image": "r:2", "env": {"COLOR": "red"}}]
    plan = planned_app({"versions": versions, "ports": [{"port": 9080}]}, name="reviews")
    assert plan.names("Deployment") == ["acme/reviews--v1", "acme/reviews--v2"]
    assert plan.spec("Service", "reviews")["selector"] == {"app.kubernetes.io/name": "reviews"}
    labels = plan.spec("Deployment", "reviews--v2")["template"]["metadata"]["labels"]
    assert {"app": "reviews", "version": "v2", "app.kubernetes.io/name": "reviews"}.items() <= labels.items()
    assert container(plan, "reviews--v2")["env"] == [{"name": "COLOR", "value": "red"}]


def test_pods_keep_the_restricted_standard(planned_app):
    plan = planned_app({**WEB, "container": {"user": 1000}})
    assert pod(plan)["securityContext"]["runAsNonRoot"]
    assert pod(plan)["securityContext"]["runAsUser"] == 1000
    assert container(plan)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "privileged": False,
        "readOnlyRootFilesystem": True,
    }


def test_only_named_folders_are_writable(planned_app):
    plan = planned_app({**WEB, "container": {"writable": ["/var/cache", "/opt/output"]}})
    mounts = {mount["name"]: mount["mountPath"] for mount in container(plan)["volumeMounts"]}
    assert sorted(mounts.values()) == ["/opt/output", "/var/cache"]
    assert {volume["name"] for volume in pod(plan)["volumes"]} == set(mounts)
    assert "volumes" not in pod(planned_app({**WEB, "container": {"writable": []}}))


def test_settings_and_secrets_reach_the_container_by_name_only(planned_app):
    leaf = object()
    plan = planned_app({**WEB, "container": {"config": {"COLOR": "red"}, "secrets": {"PASSWORD": leaf}}})
    assert plan.one("ConfigMap", "web--config")["data"] == {"COLOR": "red"}
    assert plan.one("Secret", "web--secrets")["stringData"]["PASSWORD"] is leaf
    assert container(plan)["envFrom"] == [
        {"configMapRef": {"name": "web--config"}},
        {"secretRef": {"name": "web--secrets"}},
    ]
    assert "env" not in container(plan)


def test_a_pod_is_ready_when_its_first_port_accepts_a_connection(planned_app):
    assert container(planned_app(WEB))["readinessProbe"]["tcpSocket"] == {"port": 8080}


def test_health_may_be_asked_by_http(planned_app):
    probes = {"readiness": {"path": "/ready"}, "liveness": {"path": "/alive", "port": 9000, "initial_delay": 5}}
    made = container(planned_app({**WEB, "container": {"probes": probes}}))
    assert made["readinessProbe"]["httpGet"] == {"path": "/ready", "port": 8080}
    assert made["livenessProbe"]["httpGet"] == {"path": "/alive", "port": 9000}
    assert made["livenessProbe"]["initialDelaySeconds"] == 5
    assert "startupProbe" not in made


@pytest.mark.parametrize(
    ("image", "policy"), [("web:1", "Always"), ("web@sha256:" + "0" * 64, "IfNotPresent"), (object(), "Always")]
)
def test_only_an_image_by_digest_is_not_pulled_again(planned_app, image, policy):
    assert container(planned_app({**WEB, "image": image}))["imagePullPolicy"] == policy


def test_an_app_scales_where_there_is_room(planned_app):
    plan = planned_app({**WEB, "replicas": {"minimum": 2, "maximum": 5}})
    assert plan.spec("HorizontalPodAutoscaler", "web")["maxReplicas"] == 5
    assert plan.spec("PodDisruptionBudget", "web")["maxUnavailable"] == 1
    assert "replicas" not in plan.spec("Deployment", "web")
    assert planned_app(WEB).spec("Deployment", "web")["replicas"] == 1


def test_an_app_that_listens_to_nothing_has_no_service(planned_app):
    assert planned_app({"image": "worker:1"}).names("Service") == []


def test_pods_carry_the_generation_of_their_settings():
    """A container reads its settings at its start only, so a new generation has to replace the pods."""
    tenant = parse_tenant("acme")
    app = parse_app("web", {"tenant": "acme", **WEB, "container": {"config": {"MODE": "fast"}}}, tenant)

    def annotations(generation):
        [deployment] = [body for body in plan_app(app, tenant, generation) if body["kind"] == "Deployment"]
        return deployment["spec"]["template"]["metadata"].get("annotations")

    assert annotations("uid-1") == {"tenantmesh.dev/settings": "uid-1"}
    assert annotations(None) is None
