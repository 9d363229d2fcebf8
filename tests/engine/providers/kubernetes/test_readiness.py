"""When objects of each kind are ready, waiting or failed, by what they say of themselves and what is around them."""

import re
from dataclasses import dataclass, field

import pytest

from tenantmesh.engine.providers.kubernetes.awaiting import pods, rule_for, timeout_for
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import Failed, Ready, Waiting
from tenantmesh.engine.providers.kubernetes.tokens import Kind, kind_of
from tenantmesh.errors import ProviderError


@dataclass
class Around:
    """What a rule sees besides the object."""

    seconds: float = 0
    there: dict[str, list[dict]] = field(default_factory=dict)

    def waited(self) -> float:
        return self.seconds

    def one(self, kind: Kind, _namespace: str, name: str) -> dict | None:
        return next((one for one in self.there.get(kind.kind, []) if one["metadata"]["name"] == name), None)

    def all(self, kind: Kind, _namespace: str, _labels: str = "") -> list[dict]:
        return self.there.get(kind.kind, [])


def judge(token: str, live: dict, around: Around | None = None):
    api_version, _, kind = token.rpartition(":")
    rule = rule_for(kind_of(api_version, kind), live, every_kind=False)
    return rule.predicate(live, around or Around())


def yes(*types: str, **reasons: str) -> list[dict]:
    plain = [{"type": one, "status": "True"} for one in types]
    return plain + [{"type": one, "status": "True", "reason": reason} for one, reason in reasons.items()]


def rollout(generation=1, observed=1, replicas=2, updated=2, ready=2, revision="1", conditions=()):
    metadata = {"generation": generation, "annotations": {"deployment.kubernetes.io/revision": revision}}
    status = {"observedGeneration": observed, "updatedReplicas": updated, "readyReplicas": ready}
    return {"metadata": metadata, "spec": {"replicas": replicas}, "status": {**status, "conditions": list(conditions)}}


AVAILABLE = yes("Available", Progressing="NewReplicaSetAvailable")
ROLLING = yes("Available", Progressing="ReplicaSetUpdated")
STUCK = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too slow"}]


def stateful(current="a", update="a", ready=2, strategy="RollingUpdate", generation=1, observed=1):
    counts = {"replicas": 2, "readyReplicas": ready, "currentReplicas": 2 if current == update else 1}
    status = {"observedGeneration": observed, **counts, "currentRevision": current, "updateRevision": update}
    spec = {"replicas": 2, "updateStrategy": {"type": strategy}}
    return {"metadata": {"generation": generation}, "spec": spec, "status": status}


def daemons(ready: int) -> dict:
    same = dict.fromkeys(("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled"), 3)
    return {"status": {"observedGeneration": 1, **same, "numberAvailable": ready, "numberReady": ready}}


READY = [
    ("apps/v1:Deployment", rollout(conditions=AVAILABLE)),
    ("apps/v1:Deployment", rollout(conditions=ROLLING)),
    ("apps/v1:Deployment", rollout(replicas=0, updated=0, ready=0, conditions=AVAILABLE)),
    ("apps/v1:Deployment", rollout(generation=3, observed=3, revision="2", conditions=AVAILABLE)),
    ("apps/v1:StatefulSet", stateful()),
    ("apps/v1:StatefulSet", stateful("a", "b", strategy="OnDelete", generation=2, observed=2)),
    ("apps/v1:DaemonSet", daemons(3)),
    ("batch/v1:Job", {"status": {"conditions": yes("Complete")}}),
    ("v1:Pod", {"status": {"phase": "Running", "conditions": yes("PodScheduled", "Initialized", "Ready")}}),
    ("v1:Pod", {"status": {"phase": "Succeeded"}}),
    ("v1:ReplicationController", {"spec": {"replicas": 0}, "status": {}}),
    ("v1:PersistentVolume", {"status": {"phase": "Available"}}),
    ("v1:PersistentVolumeClaim", {"status": {"phase": "Bound"}}),
    ("v1:ResourceQuota", {"spec": {"hard": {"cpu": "1000m"}}, "status": {"hard": {"cpu": "1"}}}),
    ("v1:ResourceQuota", {"spec": {}}),
    ("v1:Secret", {"type": "Opaque"}),
    ("v1:Secret", {"type": "kubernetes.io/service-account-token", "data": {"token": "x"}}),
    ("v1:Service", {"spec": {"type": "ExternalName"}}),
    ("v1:Service", {"spec": {"clusterIP": "None", "selector": {"a": "b"}}}),
    ("v1:Service", {"spec": {"type": "ClusterIP"}}),
    ("v1:Service", {"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}),
    ("apiextensions.k8s.io/v1:CustomResourceDefinition", {"status": {"conditions": yes("Established")}}),
    ("networking.k8s.io/v1:Ingress", {"spec": {}, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}),
]
WAITING = [
    ("apps/v1:Deployment", {"metadata": {"generation": 1}}, "controller has not seen"),
    ("apps/v1:Deployment", rollout(generation=2, conditions=AVAILABLE), "controller has not seen"),
    ("apps/v1:Deployment", rollout(ready=1, conditions=AVAILABLE), "1 of 2 pods are ready"),
    ("apps/v1:Deployment", rollout(), "2 of 2 pods are ready"),
    ("apps/v1:Deployment", rollout(revision="2", conditions=ROLLING), "rolling out"),
    ("apps/v1:Deployment", rollout(conditions=STUCK), r"\[ProgressDeadlineExceeded\] too slow"),
    ("apps/v1:StatefulSet", stateful(ready=1), "1 of 2 pods are ready"),
    ("apps/v1:StatefulSet", stateful("a", "b"), "from revision a to b"),
    ("apps/v1:DaemonSet", daemons(2), "2 of 3 pods are available"),
    ("apps/v1:DaemonSet", {}, "controller has not seen"),
    ("batch/v1:Job", {"status": {"active": 1}}, "1 active, 0 succeeded"),
    ("v1:Pod", {"status": {"phase": "Pending"}}, "to be scheduled"),
    ("v1:Pod", {"status": {"conditions": yes("PodScheduled", "Initialized")}}, "to be ready"),
    ("v1:ReplicationController", {"spec": {"replicas": 2}}, "0 of 2"),
    ("v1:PersistentVolume", {}, "is new"),
    ("v1:PersistentVolumeClaim", {"status": {"phase": "Pending"}}, "is Pending"),
    ("v1:ResourceQuota", {"spec": {"hard": {"cpu": "1"}}, "status": {"hard": {"cpu": "2"}}}, "not enforced"),
    ("v1:Secret", {"type": "kubernetes.io/service-account-token"}, "service account exist"),
    ("v1:Service", {"spec": {"type": "LoadBalancer"}, "status": {}}, "no address"),
    ("v1:Service", {"spec": {"selector": {"a": "b"}}}, "no pods match"),
    ("apiextensions.k8s.io/v1:CustomResourceDefinition", {}, "not served"),
    ("networking.k8s.io/v1:Ingress", {"spec": {}}, "no address"),
]
FAILED = [
    ("batch/v1:Job", [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "no"}]),
    ("apiextensions.k8s.io/v1:CustomResourceDefinition", [{"type": "NamesAccepted", "status": "False"}]),
]


@pytest.mark.parametrize(("token", "live"), READY)
def test_ready(token, live):
    assert judge(token, {"metadata": {"name": "a"}, **live}) == Ready()


@pytest.mark.parametrize(("token", "live", "reason"), WAITING)
def test_waiting(token, live, reason):
    verdict = judge(token, {"metadata": {"name": "a"}, **live})
    assert isinstance(verdict, Waiting)
    assert re.search(reason, verdict.reason)


@pytest.mark.parametrize(("token", "conditions"), FAILED)
def test_failed(token, conditions):
    assert isinstance(judge(token, {"status": {"conditions": conditions}}), Failed)


def test_a_service_waits_for_pods_that_are_starting():
    live = {"metadata": {"name": "a"}, "spec": {"selector": {"a": "b"}}}
    starting = Around(9, {"EndpointSlice": [{"endpoints": [{"conditions": {"ready": False}}]}]})
    ready = Around(0, {"EndpointSlice": [{"endpoints": [{"conditions": {"ready": True}}]}]})
    leaving = {"conditions": {"ready": False, "terminating": True}}
    assert judge("v1:Service", live, starting) == Waiting("the selected pods are not ready")
    assert judge("v1:Service", live, ready) == Ready()
    assert judge("v1:Service", live, Around(0, {"EndpointSlice": [{"endpoints": [leaving]}]})) == Ready()


def test_a_service_without_pods_is_ready_when_none_come():
    live = {"metadata": {"name": "a"}, "spec": {"selector": {"a": "b"}}}
    assert judge("v1:Service", live, Around(9)) == Ready()


def test_a_claim_may_wait_for_its_first_pod():
    claim = {"metadata": {"name": "a"}, "spec": {"storageClassName": "slow"}, "status": {"phase": "Pending"}}
    class_ = {"metadata": {"name": "slow"}, "volumeBindingMode": "WaitForFirstConsumer"}
    assert judge("v1:PersistentVolumeClaim", claim, Around(0, {"StorageClass": [class_]})) == Ready()


def test_an_ingress_names_the_services_that_are_missing():
    path = {"backend": {"service": {"name": "web"}}}
    live = {"metadata": {"name": "a"}, "spec": {"rules": [{"http": {"paths": [path]}}]}}
    assert judge("networking.k8s.io/v1:Ingress", live) == Waiting("no service web for a path")


def test_a_pod_tells_what_keeps_it():
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    pod = {"metadata": {"name": "p", "namespace": "n"}, "status": {"conditions": [unscheduled]}}
    assert pods.pod_troubles(pod) == ["pod n/p: [Unschedulable] 0/3 nodes"]


def test_containers_tell_what_keeps_them():
    statuses = [
        {"name": "a", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}},
        {"name": "b", "state": {"waiting": {"reason": "ContainerCreating"}}},
        {"name": "c", "ready": True, "lastState": {"terminated": {"exitCode": 1}}},
        {"name": "d", "state": {}, "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}},
    ]
    pod = {"metadata": {"name": "p"}, "status": {"containerStatuses": statuses}}
    assert pods.pod_troubles(pod) == [
        "pod p: container a: [ImagePullBackOff] no such image",
        "pod p: container d ended with exit code 137 (OOMKilled)",
    ]


def test_troubles_that_all_pods_share_are_told_for_a_few():
    labels = {"spec": {"selector": {"matchLabels": {"a": "b"}}}, "metadata": {"namespace": "n"}}
    unscheduled = {"type": "PodScheduled", "status": "False", "message": "full"}
    unready = [{"metadata": {"name": f"p{n}"}, "status": {"conditions": [unscheduled]}} for n in range(9)]
    told = pods.workload_troubles(labels, Around(0, {"Pod": unready}))
    assert len(told) == 6
    assert told[-1] == "and 4 more pods"


KIND = Kind(group="example.com", version="v1", kind="Widget")


def annotated(**annotations: str) -> dict:
    return {"metadata": {"annotations": {f"pulumi.com/{key}": value for key, value in annotations.items()}}}


def test_kinds_without_a_rule_are_ready_at_once():
    assert rule_for(KIND, {}, every_kind=False) is None


def test_a_wait_can_be_skipped():
    kind = kind_of("apps/v1", "Deployment")
    assert rule_for(kind, annotated(skipAwait="true"), every_kind=True) is None


def test_every_kind_can_be_awaited_by_its_conditions():
    rule = rule_for(KIND, {}, every_kind=True)
    assert rule.predicate({"status": {}}, Around()) == Ready()
    not_ready = [{"type": "Ready", "status": "False", "reason": "Busy"}]
    assert rule.predicate({"status": {"conditions": not_ready}}, Around()) == Waiting("[Busy]")
    assert rule.predicate({"metadata": {"generation": 2}, "status": {"observedGeneration": 1}}, Around()) != Ready()


def test_timeouts_come_from_the_option_the_annotation_or_the_kind():
    quota = kind_of("v1", "ResourceQuota")
    rule = rule_for(quota, {}, every_kind=False)
    assert timeout_for(rule, annotated(timeoutSeconds="7"), 3) == 3
    assert timeout_for(rule, annotated(timeoutSeconds="7"), 0) == 7
    assert timeout_for(rule, annotated(timeoutSeconds="x"), 0) == 60


LIVE = {
    "metadata": {"generation": 1},
    "status": {
        "phase": "Running",
        "observedGeneration": 1,
        "ok": True,
        "conditions": [{"type": "Synced", "status": "True"}, {"type": "Stale", "status": "False"}],
        "parts": [{"size": 3}, {"size": 4}],
    },
}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("condition=Synced", True),
        ("condition=Stale", False),
        ("condition=Stale=False", True),
        ("jsonpath={.status.phase}=Running", True),
        ("jsonpath={.status.phase}=Failed", False),
        ("jsonpath={.status.phase}", True),
        ("jsonpath={.status.missing}", False),
        ("jsonpath={.status['phase']}=Running", True),
        ("jsonpath={.status.ok}=true", True),
        ("jsonpath={.status.parts[1].size}=4", True),
        ("jsonpath={.status.parts[-1].size}=4", True),
        ("jsonpath={.status.parts[*].size}=3", True),
        ('jsonpath={.status.conditions[?(@.type=="Synced")].status}=True', True),
        ('["condition=Synced", "condition=Stale"]', False),
        ('["condition=Synced", "jsonpath={.status.phase}=Running"]', True),
    ],
)
def test_programs_can_say_what_to_wait_for(expression, holds):
    rule = rule_for(KIND, annotated(waitFor=expression), every_kind=False)
    assert (rule.predicate(LIVE, Around()) == Ready()) is holds


@pytest.mark.parametrize("expression", ["phase=Running", "jsonpath=.status.phase", "jsonpath={.a[?(@.b>1)]}", "[]"])
def test_expressions_that_are_not_understood_are_refused(expression):
    with pytest.raises(ProviderError, match=r"pulumi\.com/waitFor"):
        rule_for(KIND, annotated(waitFor=expression), every_kind=False)
