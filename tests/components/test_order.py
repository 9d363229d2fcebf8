"""Components find one another without wiring, and say so when they come too late or twice."""

import tenantmesh as tm
from tests.components.programs import body, made, problems, run

GRANT = tm.GrantArgs(source="acme", destination="globex", service="pay", ports=[8080], reason="orders")


def test_tenants_take_the_mesh_of_their_program():
    def program():
        tm.Mesh("mesh", tm.MeshArgs(trust_domain="td.example.com", domain="example.com"))
        tm.Tenant("acme", tm.TenantArgs(ingress=tm.IngressArgs(client_tls="none")))

    found = made(program)
    policy = body(found, "acme/acme/allow-tenant", "AuthorizationPolicy")
    assert policy["spec"]["rules"][0]["from"][0]["source"]["principals"] == ["td.example.com/ns/acme/sa/*"]
    assert "acme/acme.example.com" in body(found, "acme/acme/acme-ingress", "Gateway")["spec"]["servers"][0]["hosts"]


def test_a_mesh_that_a_tenant_names_wins_over_the_programs():
    def program():
        tm.Mesh("mesh", tm.MeshArgs(trust_domain="td.example.com"))
        tm.Tenant("acme", tm.TenantArgs(settings=tm.SettingsArgs(mesh=tm.MeshArgs(trust_domain="own.example.com"))))

    policy = body(made(program), "acme/acme/allow-tenant", "AuthorizationPolicy")
    assert policy["spec"]["rules"][0]["from"][0]["source"]["principals"] == ["own.example.com/ns/acme/sa/*"]


def test_a_mesh_after_a_tenant_is_refused():
    assert problems(lambda: [tm.Tenant("acme"), tm.Mesh("mesh")]) == [
        "meshes.mesh: construct the Mesh before its tenants (acme)"
    ]


def test_a_second_mesh_is_refused():
    assert problems(lambda: [tm.Mesh("one"), tm.Mesh("two")]) == [
        "meshes.two: a program has one Mesh; remove the other"
    ]


def test_a_grant_after_one_of_its_tenants_is_refused():
    assert problems(lambda: [tm.Tenant("globex"), tm.Grant("pay", GRANT)]) == [
        "grants.pay: construct the Grant before its tenants (globex)"
    ]


def test_an_app_before_its_tenant_is_refused_with_the_tenants_that_are_there():
    def program():
        tm.Tenant("globex")
        tm.App("web", tm.AppArgs(tenant="acme", image="web:1"))

    assert problems(program) == ["apps.web.tenant: no tenant 'acme'; construct it before the App (there are: globex)"]


def test_two_evaluations_in_one_process_share_nothing():
    """Neither the mesh nor the tenants nor the names that they own outlive a program, a failed one's neither."""

    def program():
        tm.Mesh("mesh", tm.MeshArgs(trust_domain="td.example.com"))
        tm.Tenant("acme", tm.TenantArgs(domain="shop.example.com", ingress=tm.IngressArgs(client_tls="none")))

    def another():
        tm.Tenant("globex", tm.TenantArgs(domain="shop.example.com", ingress=tm.IngressArgs(client_tls="none")))

    made(program)
    assert not run(lambda: [program(), program()]).ok
    policy = body(made(another), "globex/globex/allow-tenant", "AuthorizationPolicy")
    assert policy["spec"]["rules"][0]["from"][0]["source"]["principals"] == ["cluster.local/ns/globex/sa/*"]


def test_an_error_of_a_component_fails_the_run_with_its_text():
    found = run(lambda: [tm.Mesh("one"), tm.Mesh("two")])
    assert not found.ok
    assert any("a program has one Mesh" in failure for failure in found.failures)
