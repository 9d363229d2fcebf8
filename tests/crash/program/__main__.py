"""A shop in one namespace: secrets, certificates, policies and workloads that depend on one another.

`revision` 2 differs from 1 in every way that a deployment can: an update in place, an object replaced under its own
name and one under a new name, new random values, something added and something gone.
"""

import pulumi
import pulumi_random as random
import pulumi_tls as tls
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.networking import v1 as networking
from pulumi_kubernetes.rbac import v1 as rbac

config = pulumi.Config()
place = config.require("namespace")
revision = config.require_int("revision")


class Certificates(pulumi.ComponentResource):
    """A root and one certificate under it."""

    def __init__(self, name: str, host: str) -> None:
        super().__init__("crash:index:Certificates", name)
        own = pulumi.ResourceOptions(parent=self)
        subject = {"common_name": host}
        root_key = tls.PrivateKey(f"{name}-root", algorithm="ECDSA", ecdsa_curve="P256", opts=own)
        root = tls.SelfSignedCert(
            f"{name}-root",
            private_key_pem=root_key.private_key_pem,
            subject=subject,
            allowed_uses=["cert_signing"],
            is_ca_certificate=True,
            validity_period_hours=24,
            opts=own,
        )
        key = tls.PrivateKey(f"{name}-leaf", algorithm="ED25519", opts=own)
        request = tls.CertRequest(f"{name}-leaf", private_key_pem=key.private_key_pem, subject=subject, opts=own)
        leaf = tls.LocallySignedCert(
            f"{name}-leaf",
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=root_key.private_key_pem,
            ca_cert_pem=root.cert_pem,
            allowed_uses=["server_auth"],
            validity_period_hours=12,
            opts=own,
        )
        self.key = key.private_key_pem
        self.certificate = leaf.cert_pem
        self.register_outputs({"certificate": leaf.cert_pem})


def named(name: str) -> dict[str, str]:
    return {"namespace": namespace.metadata["name"], "name": name}


def deployment(name: str, *needs: pulumi.Resource) -> apps.Deployment:
    label = {"app": name}
    container = {
        "name": name,
        "image": f"{name}:{revision}",
        "env": [{"name": "SETTINGS", "value_from": {"config_map_key_ref": {"name": "settings", "key": "level"}}}],
        "resources": {"requests": {"cpu": "10m", "memory": "8Mi"}, "limits": {"cpu": "20m", "memory": "16Mi"}},
    }
    return apps.Deployment(
        name,
        metadata={**named(name), "labels": label},
        spec={
            "replicas": revision,
            "selector": {"match_labels": label},
            "template": {"metadata": {"labels": label}, "spec": {"containers": [container]}},
        },
        opts=pulumi.ResourceOptions(depends_on=needs),
    )


password = random.RandomPassword("database", length=24, keepers={"of": "everybody"})
session = random.RandomId("session", byte_length=16, keepers={"revision": str(revision)})
pet = random.RandomPet("mascot")
certificates = Certificates("shop", "shop.example.com")

namespace = core.Namespace("shop", metadata={"name": place, "labels": {"shop": "yes"}})
quota = core.ResourceQuota("quota", metadata=named("quota"), spec={"hard": {"pods": str(10 * revision)}})
fence = networking.NetworkPolicy("fence", metadata=named("fence"), spec={"podSelector": {}, "policyTypes": ["Ingress"]})
settings = core.ConfigMap("settings", metadata=named("settings"), data={"level": f"level-{revision}", "pet": pet.id})
motto = core.ConfigMap(
    "motto",
    metadata={"namespace": namespace.metadata["name"]},
    data={"motto": f"shop number {revision}"},
    immutable=True,
)
login = core.Secret("login", metadata=named("login"), string_data={"password": password.result, "user": "shop"})
cookie = core.Secret("cookie", metadata=named("cookie"), data={"key": session.b64_std})
served = {"tls.crt": certificates.certificate, "tls.key": certificates.key}
certificate = core.Secret("tls", metadata=named("tls"), type="kubernetes.io/tls", string_data=served)
account = core.ServiceAccount("account", metadata=named("shop"), automount_service_account_token=False)
reads = [{"api_groups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
role = rbac.Role("reader", metadata=named("reader"), rules=reads)
subject = {"kind": "ServiceAccount", "name": account.metadata["name"], "namespace": namespace.metadata["name"]}
bound = {"api_group": "rbac.authorization.k8s.io", "kind": "Role", "name": role.metadata["name"]}
rbac.RoleBinding("reader", metadata=named("reader"), role_ref=bound, subjects=[subject])
rbac.ClusterRole("watcher", metadata={"name": f"{place}-watcher"}, rules=reads)
database = deployment("database", quota, login, settings)
web = deployment("web", database, cookie, certificate)
service = core.Service(
    "web",
    metadata=named("web"),
    spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    opts=pulumi.ResourceOptions(depends_on=[web]),
)
if revision == 1:
    core.ConfigMap("first", metadata=named("first"), data={"only": "in the first revision"})
else:
    core.ConfigMap("second", metadata=named("second"), data={"only": "in the second revision", "pet": pet.id})

pulumi.export("address", service.metadata["name"].apply(lambda name: f"http://{name}.{place}"))
pulumi.export("password", password.result)
