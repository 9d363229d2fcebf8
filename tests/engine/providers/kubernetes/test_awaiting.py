"""Waiting on a real API server: roll-outs, refusals, timeouts and deletions."""

import pytest

from tenantmesh.engine.provider import Created, InitFailedError
from tenantmesh.errors import ProviderError

pytestmark = pytest.mark.controlplane
DEPLOYMENT = "apps/v1:Deployment"


def spec(replicas: int = 1, **pod) -> dict:
    labels = {"app": "a"}
    containers = {"containers": [{"name": "c", "image": "a:1"}]}
    template = {"metadata": {"labels": labels}, "spec": {**containers, **pod}}
    return {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}


def test_a_deployment_is_awaited_until_its_pods_are_ready(kube):
    inputs = kube.inputs(DEPLOYMENT, "a", spec=spec(2))
    made = kube.create(DEPLOYMENT, inputs)
    assert made.outputs["status"]["readyReplicas"] == 2
    assert any("of 2 pods are ready" in one for one in kube.said), "progress is told"
    assert not kube.diff(DEPLOYMENT, made, inputs).changes


def test_a_roll_out_is_awaited(kube):
    made = kube.create(DEPLOYMENT, kube.inputs(DEPLOYMENT, "a", spec=spec(2)))
    wanted = kube.inputs(DEPLOYMENT, "a", spec=spec(2, containers=[{"name": "c", "image": "a:2"}]))
    changed = kube.update(DEPLOYMENT, made, wanted)
    assert changed.outputs["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
    assert changed.outputs["status"]["updatedReplicas"] == 2


def test_what_is_not_ready_in_time_is_kept_with_the_reasons(kube):
    inputs = kube.inputs(DEPLOYMENT, "a", spec=spec(nodeSelector={"no": "node"}))
    with pytest.raises(InitFailedError) as told:
        kube.create(DEPLOYMENT, inputs, timeout=2)
    error = told.value
    assert error.result.id == f"{kube.namespace}/a"
    assert error.result.outputs["metadata"]["uid"]
    assert error.result.outputs["__inputs"] == inputs
    assert error.reasons[0] == f"Deployment {kube.namespace}/a is not ready after 2 seconds"
    assert any("node affinity/selector" in one for one in error.reasons), error.reasons
    check_that_a_refresh_says_so_too(kube, inputs, error.result)


def check_that_a_refresh_says_so_too(kube, inputs: dict, made: Created):
    with pytest.raises(InitFailedError) as told:
        kube.read(DEPLOYMENT, made, inputs)
    assert told.value.reasons[0] == f"Deployment {kube.namespace}/a is not ready"
    assert told.value.inputs["spec"] == inputs["spec"]
    assert told.value.result.outputs["status"]["unavailableReplicas"] == 1


def test_a_wait_can_be_skipped(kube):
    annotations = {"annotations": {"pulumi.com/skipAwait": "true"}}
    inputs = kube.inputs(DEPLOYMENT, "a", metadata=annotations, spec=spec(nodeSelector={"no": "node"}))
    assert kube.create(DEPLOYMENT, inputs).id == f"{kube.namespace}/a"


def test_a_program_can_say_what_to_wait_for(kube):
    annotations = {
        "annotations": {"pulumi.com/waitFor": "jsonpath={.data.ready}=yes", "pulumi.com/timeoutSeconds": "1"}
    }
    kind = "core/v1:ConfigMap"
    assert kube.create(kind, kube.inputs(kind, "yes", metadata=annotations, data={"ready": "yes"}))
    with pytest.raises(InitFailedError, match="waiting for jsonpath"):
        kube.create(kind, kube.inputs(kind, "no", metadata=annotations, data={"ready": "no"}))


def test_a_service_without_pods_is_ready(kube):
    inputs = kube.inputs("core/v1:Service", "a", spec={"selector": {"no": "pod"}, "ports": [{"port": 80}]})
    assert kube.create("core/v1:Service", inputs).outputs["spec"]["clusterIP"]
    assert kube.said == ["no pods match the selector yet"]


def test_a_service_waits_for_endpoints_that_are_not_ready(kube):
    slice_ = "discovery.k8s.io/v1:EndpointSlice"
    labels = {"labels": {"kubernetes.io/service-name": "a"}}
    endpoints = [{"addresses": ["10.1.2.3"], "conditions": {"ready": False}}]
    kube.create(slice_, kube.inputs(slice_, "a", metadata=labels, addressType="IPv4", endpoints=endpoints))
    inputs = kube.inputs("core/v1:Service", "a", spec={"selector": {"app": "a"}, "ports": [{"port": 80}]})
    with pytest.raises(InitFailedError, match="the selected pods are not ready"):
        kube.create("core/v1:Service", inputs, timeout=4)


def test_a_load_balancer_gets_its_address(kube):
    kube.create(DEPLOYMENT, kube.inputs(DEPLOYMENT, "a", spec=spec()))
    ports = {"selector": {"app": "a"}, "ports": [{"port": 80}], "type": "LoadBalancer"}
    made = kube.create("core/v1:Service", kube.inputs("core/v1:Service", "a", spec=ports), timeout=60)
    assert made.outputs["status"]["loadBalancer"]["ingress"]


def test_a_job_that_fails_is_told_at_once(kube):
    """It is not awaited for ten minutes: a deadline that has passed will not come back."""
    template = {
        "spec": {"restartPolicy": "Never", "nodeSelector": {"no": "node"}, "containers": [{"name": "c", "image": "a"}]}
    }
    inputs = kube.inputs("batch/v1:Job", "a", spec={"template": template, "activeDeadlineSeconds": 1})
    with pytest.raises(InitFailedError, match=r"has failed; \[DeadlineExceeded\]"):
        kube.create("batch/v1:Job", inputs, timeout=60)


def test_an_unready_job_is_replaced_where_that_is_asked_for(kube):
    template = {
        "spec": {"restartPolicy": "Never", "nodeSelector": {"no": "node"}, "containers": [{"name": "c", "image": "a"}]}
    }
    annotations = {"annotations": {"pulumi.com/replaceUnready": "true", "pulumi.com/skipAwait": "false"}}
    inputs = kube.inputs("batch/v1:Job", "a", metadata=annotations, spec={"template": template})
    with pytest.raises(InitFailedError) as told:
        kube.create("batch/v1:Job", inputs, timeout=1)
    diff = kube.diff("batch/v1:Job", told.value.result, inputs)
    assert diff.replaces == ('metadata.annotations["pulumi.com/replaceUnready"]',)
    assert diff.delete_before_replace


def test_a_stateful_set_and_a_daemon_set_are_awaited(kube):
    labels = {"app": "s"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "a"}]}}
    common = {"selector": {"matchLabels": labels}, "template": template}
    for kind, more in (("apps/v1:StatefulSet", {"serviceName": "s", "replicas": 2}), ("apps/v1:DaemonSet", {})):
        made = kube.create(kind, kube.inputs(kind, "s", spec={**common, **more}), timeout=60)
        assert made.outputs["status"]["observedGeneration"] == 1


def test_a_pod_is_awaited_and_its_deletion_too(kube):
    inputs = kube.inputs("core/v1:Pod", "p", spec={"containers": [{"name": "c", "image": "a"}]})
    made = kube.create("core/v1:Pod", inputs, timeout=60)
    assert {"type": "Ready", "status": "True"}.items() <= next(
        one for one in made.outputs["status"]["conditions"] if one["type"] == "Ready"
    ).items()
    kube.delete("core/v1:Pod", made, inputs)
    assert kube.read("core/v1:Pod", made, inputs) is None


def test_deleting_a_namespace_waits_until_its_content_is_gone(kube):
    name = f"{kube.namespace}-x"
    inputs = kube.check("core/v1:Namespace", {"metadata": {"name": name}}).inputs
    made = kube.create("core/v1:Namespace", inputs)
    held = kube.inputs("core/v1:ConfigMap", "a", namespace=name, metadata={"finalizers": ["example.com/hold"]})
    inside = kube.create("core/v1:ConfigMap", held)
    with pytest.raises(ProviderError, match=r"Namespace .* is still there after 20 seconds: .*example\.com/hold"):
        kube.delete("core/v1:Namespace", made, inputs, timeout=20)
    released = {**held, "metadata": {key: value for key, value in held["metadata"].items() if key != "finalizers"}}
    kube.update("core/v1:ConfigMap", inside, released)
    kube.delete("core/v1:Namespace", made, inputs)
    assert kube.read("core/v1:Namespace", made, inputs) is None
