"""Who uses which Secret, whose it is, and which service account a workload runs as."""

import pytest

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.trust import Purpose, Trust
from tenantmesh.manifest import Manifest, ManifestObject
from tests.graph.pods import container, deployment, pod

ISTIO, GATEWAY, CERTIFICATES = "networking.istio.io/v1", "gateway.networking.k8s.io/v1", "cert-manager.io/v1"


def body(version, kind, spec, namespace="acme", name="x"):
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def uses(*bodies, namespace="acme"):
    found = Trust(Cluster(Manifest.of(ManifestObject(body=one) for one in bodies))).uses(namespace)
    return [(one.purpose, f"{one.owner}/{one.name}", one.path) for one in found]


def gateway(**tls):
    return body(ISTIO, "Gateway", {"servers": [{"tls": tls}]})


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("tls", "acme/tls"),
        ("globex/tls", "globex/tls"),
        ("kubernetes://tls", "acme/tls"),
        ("kubernetes://globex/tls", "globex/tls"),
        ("kubernetes-gateway://globex/tls", "globex/tls"),
        ("configmap://globex/bundle", "globex/bundle"),
    ],
)
def test_a_credential_name_is_read_as_istio_reads_it(name, secret):
    assert uses(gateway(mode="SIMPLE", credentialName=name)) == [
        (Purpose.SERVER, secret, "spec.servers[0].tls.credentialName")
    ]


@pytest.mark.parametrize("name", ["builtin://", "invalid://x", "", None])
def test_a_credential_name_that_is_no_secret_is_none(name):
    assert uses(gateway(mode="SIMPLE", credentialName=name)) == []


def test_mutual_tls_takes_the_authorities_beside_the_certificate():
    assert uses(gateway(mode="MUTUAL", credentialName="tls")) == [
        (Purpose.SERVER, "acme/tls", "spec.servers[0].tls.credentialName"),
        (Purpose.AUTHORITY, "acme/tls-cacert", "spec.servers[0].tls.credentialName"),
    ]
    spelled = gateway(mode="OPTIONAL_MUTUAL", credentialNames=["a", "b"], caCertCredentialName="globex/ca")
    assert uses(spelled) == [
        (Purpose.SERVER, "acme/a", "spec.servers[0].tls.credentialNames[0]"),
        (Purpose.SERVER, "acme/b", "spec.servers[0].tls.credentialNames[1]"),
        (Purpose.AUTHORITY, "globex/ca", "spec.servers[0].tls.caCertCredentialName"),
    ]


def test_a_destination_rules_secrets_are_those_of_every_policy_in_it():
    tls = {"tls": {"mode": "MUTUAL", "credentialName": "c"}}
    spec = {
        "trafficPolicy": tls | {"portLevelSettings": [{}, tls]},
        "subsets": [{"name": "s"}, {"name": "t", "trafficPolicy": tls}],
    }
    assert [path for _, _, path in uses(body(ISTIO, "DestinationRule", spec))] == [
        "spec.trafficPolicy.tls.credentialName",
        "spec.trafficPolicy.portLevelSettings[1].tls.credentialName",
        "spec.subsets[1].trafficPolicy.tls.credentialName",
    ]


def test_an_ingress_and_cert_manager_use_secrets():
    objects = [
        body("networking.k8s.io/v1", "Ingress", {"tls": [{}, {"secretName": "tls"}]}),
        body(CERTIFICATES, "Certificate", {"secretName": "issued"}),
        body(CERTIFICATES, "Issuer", {"ca": {"secretName": "signer"}}),
        body(CERTIFICATES, "Issuer", {"acme": {}}, name="y"),
    ]
    assert uses(*objects) == [
        (Purpose.SERVER, "acme/tls", "spec.tls[1].secretName"),
        (Purpose.ISSUED, "acme/issued", "spec.secretName"),
        (Purpose.SIGNING, "acme/signer", "spec.ca.secretName"),
    ]


def test_a_pod_uses_secrets_as_files_environment_and_for_its_images():
    spec = {
        "volumes": [
            {"name": "a", "secret": {"secretName": "files"}},
            {"name": "b", "projected": {"sources": [{"configMap": {}}, {"secret": {"name": "projected"}}]}},
            {"name": "c", "csi": {"nodePublishSecretRef": {"name": "csi"}}},
            {"name": "d", "cephfs": {"secretRef": {"name": "ceph"}}},
            {"name": "e", "emptyDir": {}},
        ],
        "imagePullSecrets": [{"name": "images"}],
        "initContainers": [container(envFrom=[{"secretRef": {"name": "all"}}, {"configMapRef": {}}])],
    }
    env = [{"name": "A", "value": "b"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "one", "key": "k"}}}]
    assert uses(deployment(container(env=env), **spec)) == [
        (Purpose.FILES, "acme/files", "spec.template.spec.volumes[0].secret.secretName"),
        (Purpose.FILES, "acme/projected", "spec.template.spec.volumes[1].projected.sources[1].secret"),
        (Purpose.FILES, "acme/csi", "spec.template.spec.volumes[2].csi.nodePublishSecretRef"),
        (Purpose.FILES, "acme/ceph", "spec.template.spec.volumes[3].cephfs.secretRef"),
        (Purpose.IMAGES, "acme/images", "spec.template.spec.imagePullSecrets[0]"),
        (Purpose.ENVIRONMENT, "acme/one", "spec.template.spec.containers[0].env[1].valueFrom.secretKeyRef"),
        (Purpose.ENVIRONMENT, "acme/all", "spec.template.spec.initContainers[0].envFrom[0].secretRef"),
    ]


def test_a_service_account_names_secrets():
    one = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x", "namespace": "acme"}}
    assert uses(one | {"secrets": [{"name": "token"}], "imagePullSecrets": [{"name": "images"}]}) == [
        (Purpose.ACCOUNT, "acme/token", "secrets[0]"),
        (Purpose.IMAGES, "acme/images", "imagePullSecrets[0]"),
    ]


def references(**reference):
    return {"listeners": [{"name": "l", "tls": {"certificateRefs": [reference]}}]}


def grant(**to):
    asker = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "acme"}
    spec = {"from": [asker], "to": [{"group": "", "kind": "Secret"} | to]}
    return body(GATEWAY, "ReferenceGrant", spec, namespace="globex")


@pytest.mark.parametrize(
    ("grants", "granted"),
    [
        ([], False),
        ([grant()], True),
        ([grant(name="tls")], True),
        ([grant(name="other")], False),
        ([grant(kind="ConfigMap")], False),
    ],
    ids=["none", "all", "this one", "another", "another kind"],
)
def test_a_reference_across_namespaces_says_whether_it_is_granted(grants, granted):
    cluster = Cluster(
        Manifest.of(
            ManifestObject(body=one)
            for one in (body(GATEWAY, "Gateway", references(name="tls", namespace="globex")), *grants)
        )
    )
    (use,) = Trust(cluster).uses("acme")
    assert (use.crosses, use.granted, use.owner) == (True, granted, "globex")


def test_a_grant_for_another_kind_or_namespace_grants_nothing():
    route = body(GATEWAY, "Gateway", references(name="tls", namespace="globex"), namespace="initech")
    cluster = Cluster(Manifest.of(ManifestObject(body=one) for one in (route, grant())))
    (use,) = Trust(cluster).uses("initech")
    assert not use.granted


@pytest.mark.parametrize(
    ("kind", "spec", "purpose", "path"),
    [
        ("Gateway", references(name="t"), Purpose.SERVER, "spec.listeners[0].tls.certificateRefs[0]"),
        ("ListenerSet", references(name="t"), Purpose.SERVER, "spec.listeners[0].tls.certificateRefs[0]"),
        (
            "Gateway",
            {"tls": {"backend": {"clientCertificateRef": {"name": "t"}}}},
            Purpose.CLIENT,
            "spec.tls.backend.clientCertificateRef",
        ),
        (
            "Gateway",
            {"tls": {"frontend": {"default": {"validation": {"caCertificateRefs": [{"name": "t"}]}}}}},
            Purpose.AUTHORITY,
            "spec.tls.frontend.default.validation.caCertificateRefs[0]",
        ),
        (
            "Gateway",
            {"tls": {"frontend": {"perPort": [{"tls": {"validation": {"caCertificateRefs": [{"name": "t"}]}}}]}}},
            Purpose.AUTHORITY,
            "spec.tls.frontend.perPort[0].tls.validation.caCertificateRefs[0]",
        ),
        (
            "BackendTLSPolicy",
            {"validation": {"caCertificateRefs": [{"name": "t", "kind": "ConfigMap"}]}},
            Purpose.AUTHORITY,
            "spec.validation.caCertificateRefs[0]",
        ),
    ],
    ids=str,
)
def test_the_gateway_apis_references(kind, spec, purpose, path):
    assert uses(body(GATEWAY, kind, spec)) == [(purpose, "acme/t", path)]


@pytest.mark.parametrize(
    ("of_pod", "of_account", "token"),
    [(None, None, True), (None, False, False), (True, False, True), (False, True, False), (False, None, False)],
)
def test_a_pods_own_word_on_tokens_goes_before_its_accounts(of_pod, of_account, token):
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app", "namespace": "acme"}}
    account["automountServiceAccountToken"] = of_account
    one = pod(serviceAccountName="app", automountServiceAccountToken=of_pod)
    (found,) = Trust(Cluster(Manifest.of(ManifestObject(body=each) for each in (account, one)))).accounts("acme")
    assert (found.name, found.token, str(found.object.key)) == ("app", token, "ServiceAccount acme/app")


def test_an_account_that_is_not_there_is_none():
    (found,) = Trust(Cluster(Manifest.of([ManifestObject(body=pod())]))).accounts("acme")
    assert (found.name, found.object, found.token) == ("default", None, True)
