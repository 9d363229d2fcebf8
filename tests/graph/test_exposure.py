"""What is reachable past a gateway, and which pods are more than a pod, each with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantmesh.graph.exposure import Exposure, Exposures
from tenantmesh.graph.verdict import Effect
from tests.graph.pods import HARD, cluster, container, deployment, namespace, pod, service


def found(*bodies):
    facts = Exposures(cluster(namespace(), *bodies)).of("acme")
    return [(fact.kind, fact.path) for fact in facts]


def test_a_hardened_workload_and_an_inner_service_say_nothing():
    assert found(deployment(), service(type="ClusterIP"), service()) == []


@pytest.mark.parametrize(
    ("spec", "kind", "path"),
    [
        ({"type": "NodePort"}, Exposure.NODE_PORT, "spec.type"),
        ({"type": "LoadBalancer"}, Exposure.LOAD_BALANCER, "spec.type"),
        ({"externalIPs": ["192.0.2.1"]}, Exposure.EXTERNAL_IPS, "spec.externalIPs"),
        ({"type": "Anycast"}, Exposure.UNKNOWN, "spec.type"),
    ],
    ids=str,
)
def test_services_that_reach_outside(spec, kind, path):
    assert found(service(**spec)) == [(kind, path)]


@pytest.mark.parametrize(
    ("spec", "kind", "path"),
    [
        ({"hostNetwork": True}, Exposure.HOST_NETWORK, "hostNetwork"),
        ({"hostPID": True}, Exposure.HOST_PROCESSES, "hostPID"),
        ({"hostIPC": True}, Exposure.HOST_PROCESSES, "hostIPC"),
        ({"volumes": [{"name": "d", "hostPath": {"path": "/"}}]}, Exposure.HOST_PATH, "volumes[0].hostPath"),
        ({"securityContext": {"runAsUser": 0}}, Exposure.ROOT, "securityContext.runAsUser"),
        (
            {"securityContext": {"sysctls": [{"name": "net.core.somaxconn", "value": "9"}]}},
            Exposure.UNCONFINED,
            "securityContext.sysctls[0]",
        ),
        (
            {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
            Exposure.UNCONFINED,
            "securityContext.seccompProfile.type",
        ),
        ({"securityContext": {"newThing": True}}, Exposure.UNKNOWN, "securityContext.newThing"),
    ],
    ids=str,
)
def test_settings_of_a_pod_are_found_in_its_template_and_in_a_pod_alone(spec, kind, path):
    assert found(deployment(**spec)) == [(kind, f"spec.template.spec.{path}")]
    assert found(pod(**spec)) == [(kind, f"spec.{path}")]


@pytest.mark.parametrize(
    ("fields", "kind", "path"),
    [
        ({"privileged": True}, Exposure.PRIVILEGED, "privileged"),
        ({"allowPrivilegeEscalation": True}, Exposure.ESCALATION, "allowPrivilegeEscalation"),
        ({"runAsUser": 0}, Exposure.ROOT, "runAsUser"),
        ({"runAsUser": ...}, Exposure.ROOT, "runAsUser"),
        ({"procMount": "Unmasked"}, Exposure.UNCONFINED, "procMount"),
        ({"capabilities": {"drop": ["ALL"], "add": ["CHOWN", "NET_RAW"]}}, Exposure.CAPABILITY, "capabilities.add[1]"),
        ({"capabilities": {"drop": ["ALL"], "add": ["CAP_SYS_ADMIN"]}}, Exposure.CAPABILITY, "capabilities.add[0]"),
        ({"capabilities": {}}, Exposure.KEEPS_CAPABILITIES, "capabilities.drop"),
        ({"appArmorProfile": {"type": "Unconfined"}}, Exposure.UNCONFINED, "appArmorProfile.type"),
        ({"seLinuxOptions": {"user": "x"}}, Exposure.UNCONFINED, "seLinuxOptions.user"),
        ({"windowsOptions": {"hostProcess": True}}, Exposure.PRIVILEGED, "windowsOptions.hostProcess"),
        ({"allowPrivilegeEscalation": None}, Exposure.MAY_ESCALATE, "allowPrivilegeEscalation"),
        ({"runAsUser": None, "runAsNonRoot": None}, Exposure.MAY_BE_ROOT, "runAsNonRoot"),
    ],
    ids=str,
)
@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
def test_settings_of_a_container_are_found_in_every_list(field, fields, kind, path):
    spec = {"containers": [container()], field: [container(), container("bad", HARD | fields)]}
    body = pod() | {"spec": spec}
    assert found(body) == [(kind, f"spec.{field}[1].securityContext.{path}")]


def test_a_port_of_the_node_is_found():
    ports = [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]
    assert found(pod(container(ports=ports))) == [(Exposure.HOST_PORT, "spec.containers[0].ports[1].hostPort")]


def test_a_probe_of_another_host_is_found_and_one_of_the_pod_is_not():
    """The kubelet asks from the node, which policies of the pod's own do not hold."""
    probe = {"httpGet": {"port": 80, "host": "10.0.0.1"}, "periodSeconds": 1}
    hook = {"preStop": {"httpGet": {"port": 80, "host": "10.0.0.1"}}}
    assert found(pod(container(readinessProbe=probe, lifecycle=hook))) == [
        (Exposure.HOST_PROBE, "spec.containers[0].readinessProbe.httpGet.host"),
        (Exposure.HOST_PROBE, "spec.containers[0].lifecycle.preStop.httpGet.host"),
    ]
    assert found(pod(container(readinessProbe={"tcpSocket": {"port": 80}}))) == []


def test_what_is_absent_and_could_be_there_has_kinds_of_its_own():
    kinds = [kind for kind, _ in found(pod(container(context={})))]
    assert kinds == [
        Exposure.MAY_BE_ROOT,
        Exposure.MAY_ESCALATE,
        Exposure.KEEPS_CAPABILITIES,
        Exposure.MAY_CALL,
    ]


def test_a_pods_settings_hold_where_the_container_has_none():
    context = {key: value for key, value in HARD.items() if not key.startswith(("runAs", "seccomp"))}
    whole = {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost", "localhostProfile": "own"}}
    assert found(pod(container(context=context), securityContext=whole)) == []


def test_a_fact_names_its_object_and_workload():
    (fact,) = Exposures(cluster(namespace(), deployment(hostNetwork=True))).of("acme")
    assert (str(fact.object.key), str(fact.workload)) == ("Deployment acme/web", "acme/web")
    assert fact.evidence[0].effect is Effect.ALLOWS
    (fact,) = Exposures(cluster(namespace(), pod(securityContext={"newThing": 1}))).of("acme")
    assert fact.evidence[0].effect is Effect.UNKNOWN


def test_a_type_of_service_that_is_not_known_is_unknown():
    (fact,) = Exposures(cluster(namespace(), service(type="Anycast"))).of("acme")
    assert fact.unknown
    (fact,) = Exposures(cluster(namespace(), service(type="NodePort"))).of("acme")
    assert not fact.unknown


KINDS = st.sampled_from(["privileged", "hard", "root", "open", "escalating"])


@given(st.lists(st.tuples(KINDS, st.sampled_from(["open", "hard", "root"])), min_size=1, max_size=8))
def test_what_was_seen_before_changes_no_answer(names):
    """Equal settings are looked at once; whatever came before, each workload's facts are those that it has alone."""
    contexts = {
        "privileged": HARD | {"privileged": True},
        "hard": HARD,
        "root": HARD | {"runAsUser": 0},
        "open": {},
        "escalating": HARD | {"allowPrivilegeEscalation": True},
    }
    bodies = [
        deployment(container(context=dict(contexts[own])), name=f"w{index}", securityContext=dict(contexts[whole]))
        for index, (own, whole) in enumerate(names)
    ]
    alone = [fact for body in bodies for fact in found(body)]
    assert found(*bodies) == alone


def test_workloads_of_one_name_in_two_namespaces_are_each_looked_at():
    other = deployment(hostNetwork=True)
    other["metadata"]["namespace"] = "globex"
    exposures = Exposures(cluster(namespace(), namespace("globex"), deployment(), other))
    kinds = [[fact.kind for fact in exposures.of(space)] for space in ("acme", "globex", "acme", "globex")]
    assert kinds == [[], [Exposure.HOST_NETWORK], [], [Exposure.HOST_NETWORK]]
