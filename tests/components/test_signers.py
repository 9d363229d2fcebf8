"""Tenants with signers of their own in one program."""

import pytest

import tenantmesh as tm
from tests.authorities import Authority
from tests.components.programs import made, problems

ACME, GLOBEX = "signers.example.com/acme", "signers.example.com/globex"
SIGNERS = [tm.SignerArgs(name=name, certificate=Authority(name="root").root) for name in (ACME, GLOBEX)]
GRANT = tm.GrantArgs(source="acme", destination="globex", service="api", ports=[8080], reason="prices")


def program(globex, sharing=None, grants=()):
    def run():
        tm.Mesh("mesh", tm.MeshArgs(trust=tm.TrustArgs(signers=SIGNERS)))
        for number, grant in enumerate(grants):
            tm.Grant(f"grant{number}", grant)
        tm.Tenant("acme", tm.TenantArgs(settings=tm.SettingsArgs(signer=ACME), sharing=sharing or {}))
        tm.Tenant("globex", tm.TenantArgs(settings=tm.SettingsArgs(signer=globex)))

    return run


@pytest.mark.parametrize(
    "some",
    [
        {"grants": [GRANT]},
        {"sharing": {"project": {"name": "shop", "tenants": ["globex"]}}},
        {"sharing": {"exports": [{"service": "api", "ports": [1], "to": ["globex"], "reason": "prices"}]}},
        {"sharing": {"imports": [{"tenant": "globex", "service": "api", "ports": [1], "reason": "prices"}]}},
    ],
    ids=["grant", "project", "export", "import"],
)
def test_tenants_that_call_each_other_have_one_signer(some):
    (problem,) = problems(program(GLOBEX, **some))
    assert f"tenants.globex.settings.signer: '{GLOBEX}' is not that of acme, '{ACME}'" in problem
    assert problems(program(ACME, **some)) == []


def test_tenants_that_keep_apart_have_their_own():
    assert problems(program(GLOBEX)) == []


def test_pods_are_made_when_their_proxies_know_the_signer():
    """A proxy that is injected before would ask for none."""

    def run():
        program(GLOBEX)()
        ports = [tm.PortArgs(port=8080)]
        tm.App("acme/web", tm.AppArgs(tenant="acme", image="registry.example.com/web:1", ports=ports))

    found = [one for one in made(run).resources if "acme" in one.urn]
    (config,) = [one for one in found if one.type.endswith(":ProxyConfig")]
    (account,) = [one for one in found if one.type == "kubernetes:core/v1:ServiceAccount"]
    (deployment,) = [one for one in found if one.type.endswith(":Deployment")]
    assert config.urn in account.dependencies
    assert account.urn in deployment.dependencies
