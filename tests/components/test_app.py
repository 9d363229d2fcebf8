"""The component App: what flows through it untouched, what waits for what, and where it is."""

import pulumi
import pulumi_random as random

import tenantmesh as tm
from tenantmesh.engine.values import UNKNOWN, Secret, has_unknowns, reveal
from tests.components.programs import body, made, problems, resource

WEB = {"tenant": "acme", "image": "web:1", "ports": [{"port": 8080}]}


def app(name="web", tenant=None, **args):
    def program():
        tm.Tenant("acme", tenant or {})
        pulumi.export("host", tm.App(name, {**WEB, **args}).host)

    return program


def container(found, name="acme/acme/web"):
    return body(found, name, "Deployment")["spec"]["template"]["spec"]["containers"][0]


def test_an_app_is_reached_by_the_name_of_its_service():
    found = made(app())
    assert found.outputs == {"host": "web.acme.svc.cluster.local"}
    assert resource(found, "acme/acme/web", "Service")


def test_an_app_without_ports_has_no_host():
    assert made(app(ports=[])).outputs == {"host": ""}


def test_apps_of_two_tenants_may_have_one_name():
    def program():
        for name in ("acme", "globex"):
            tm.Tenant(name)
            tm.App(f"{name}/web", {**WEB, "tenant": name})

    found = made(program)
    services = [str(item.key) for item in found.manifest if item.key.kind == "Service"]
    assert services == ["Service acme/web", "Service globex/web"]


def test_a_deployment_waits_for_its_service_account_and_all_for_the_namespace():
    found = made(app(namespace="db", tenant={"namespaces": [{"name": "db"}]}))
    account = resource(found, "acme/acme--db/web", "ServiceAccount")
    assert resource(found, "acme/acme--db", "Namespace").urn in account.dependencies
    assert account.urn in resource(found, "acme/acme--db/web", "Deployment").dependencies


def leaves():
    """Every place that takes what another resource knows only when it is there."""
    pet = random.RandomPet("pet").id
    tm.Tenant(
        "acme",
        tm.TenantArgs(
            domain="acme.example.com",
            ingress=tm.IngressArgs(client_tls="none", service=tm.ServiceArgs(annotations={"balancer": pet})),
        ),
    )
    tm.App(
        "web",
        tm.AppArgs(
            tenant="acme",
            image=pulumi.Output.concat("web:", pet),
            ports=[tm.PortArgs(port=8080)],
            container=tm.ContainerArgs(
                env={"PET": pet},
                config={"PET_NAME": pet},
                secrets={"PIN": random.RandomPassword("pin", length=9).result},
            ),
        ),
    )


def test_values_unknown_in_a_preview_stay_unknown():
    found = made(leaves, preview=True)
    assert has_unknowns(resource(found, "acme/acme/acme-ingress", "Service").inputs["metadata"])
    assert body(found, "acme/acme/web--config", "ConfigMap")["data"]["PET_NAME"] is UNKNOWN
    assert has_unknowns(resource(found, "acme/acme/web--secrets", "Secret").inputs)
    assert container(found)["image"] is UNKNOWN


def test_values_known_in_a_deployment_arrive():
    found = made(leaves)
    pet = resource(found, "pet", "RandomPet").id
    assert container(found)["image"] == f"web:{pet}"
    assert {"name": "PET", "value": pet} in container(found)["env"]
    assert body(found, "acme/acme/acme-ingress", "Service")["metadata"]["annotations"]["balancer"] == pet
    assert body(found, "acme/acme/web--config", "ConfigMap")["data"] == {"PET_NAME": pet}


def test_the_data_of_a_secret_is_marked_though_its_argument_was_plain():
    found = made(app(container={"secrets": {"PIN": "0815-4711"}}))
    inputs = resource(found, "acme/acme/web--secrets", "Secret").inputs
    assert "0815-4711" not in repr(inputs)
    assert any(isinstance(inputs.get(key), Secret) for key in ("data", "stringData"))
    assert reveal(inputs) != inputs


def test_an_app_depends_on_what_its_values_come_from():
    found = made(leaves)
    assert resource(found, "pet", "RandomPet").urn in resource(found, "acme/acme/web", "Deployment").dependencies


def test_wrong_arguments_are_all_named_by_path():
    found = problems(app(image=None, versions=[], ports=[{"port": 0}], routes=[{"host": "x.example.com"}], replica=2))
    paths = {problem.partition(": ")[0] for problem in found}
    assert {"apps.web.ports[0].port", "apps.web.replica"} <= paths


def test_the_tenant_has_to_be_known_when_the_program_runs():
    """An output may be unknown, and then which objects there are would be too."""
    found = problems(lambda: tm.App("web", {**WEB, "tenant": pulumi.Output.from_input("acme")}))
    assert found == ["apps.web.tenant: Output values are not known in time: write the name plainly"]
