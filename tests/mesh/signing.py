"""The dev stack with a login at both tenants' gateways, of which the first has two, by one OpenID provider outside.

The egress gateways begin TLS with the provider, as DestinationRules say.
"""

from collections.abc import Callable

from tests.mesh.driving import Body, Mesh

_MESH = "tm.MeshArgs("
_ACCESS = "\n            access=["
_SETTINGS = "tm.SettingsArgs("
_TENANT = "\n    tenant = tm.Tenant("
_FURTHER = """
    further = {"staff": tm.IngressArgs(client_tls="simple", replicas=size.gateway)} if name == "tenant1" else {}
    tenant = tm.Tenant("""
_ROUTE = "paths=_PREFIXES)"
_BOTH = 'paths=_PREFIXES, ingresses=["ingress", "staff"] if tenant == "tenant1" else ["ingress"])'
_LOGIN = """
            egress=tm.EgressArgs(
                services=[
                    tm.ExternalServiceArgs(
                        host={host!r},
                        protocol="https",
                        service_accounts=[f"{{name}}-ingress", *(f"{{name}}-ingress--{{one}}" for one in further)],
                    )
                ],
                replicas=size.gateway,
            ),
            ingresses=further,
            jwt=[
                tm.JwtArgs(
                    issuer="https://{host}",
                    audiences=[name],
                    jwks={keys!r},
                    claim_headers={{"x-user": "sub"}},
                    login=tm.LoginArgs(
                        authorization_endpoint="https://{host}/auth",
                        token_endpoint="https://{host}/token",
                        client_id=name,
                        client_secret={words!r}[name],
                    ),
                )
            ],
            access=["""
_TRUST = """tm.SettingsArgs(
                patches=[
                    tm.PatchArgs(
                        kind="DestinationRule",
                        name="origination--id-partner-example",
                        operations=[
                            tm.PatchOperationArgs(
                                op="replace",
                                path="/spec/trafficPolicy/portLevelSettings/0/tls/caCertificates",
                                value={ca!r},
                            )
                        ],
                    )
                ],
                """
"""The provider's certificate is of an authority that only this test knows."""


def signing_in(host, keys, words, ca):
    """Edits the stack: `keys` are those of `host`, `words` the tenants' secrets there, `ca` its authority's file."""

    def edit(program):
        main = program / "stacks" / "__main__.py"
        text = main.read_text()
        assert [text.count(part) for part in (_MESH, _ACCESS, _SETTINGS, _TENANT)] == [1, 1, 1, 1]
        text = text.replace(_TENANT, _FURTHER)
        text = text.replace(_MESH, f"{_MESH}shared_egress_hosts=[{host!r}], ")
        text = text.replace(_ACCESS, _LOGIN.format(host=host, keys=keys, words=words))
        main.write_text(text.replace(_SETTINGS, _TRUST.format(ca=str(ca))))
        apps = program / "stacks" / "bookinfo.py"
        text = apps.read_text()
        assert text.count(_ROUTE) == 1
        apps.write_text(text.replace(_ROUTE, _BOTH))

    return edit


def originating(mesh: Mesh, host: str, edit: Callable[[Body], Body]) -> Body:
    """The DestinationRule by which tenant1's egress gateway begins TLS with a host, edited in what it says of TLS."""
    name = f"origination--{host.replace('.', '-')}"
    whole = mesh.lab.api.get(f"/apis/networking.istio.io/v1/namespaces/tenant1/destinationrules/{name}")
    (level,) = whole["spec"]["trafficPolicy"]["portLevelSettings"]
    policy = {"portLevelSettings": [{**level, "tls": edit(level["tls"])}]}
    bare = {field: whole[field] for field in ("apiVersion", "kind")}
    return {**bare, "metadata": {"name": name, "namespace": "tenant1"}, "spec": {"trafficPolicy": policy}}


def begins_tls(mesh: Mesh, host: str) -> bool:
    """Whether the proxy of tenant1's egress gateway begins TLS with a host."""
    dumped = mesh.config_dump(mesh.pod("tenant1", "istio=tenant1-egress"))["configs"]
    clusters = [one["cluster"] for some in dumped for one in some.get("dynamic_active_clusters", ())]
    (found,) = [one for one in clusters if one["name"] == f"outbound|443||{host}"]
    return "transport_socket" in found
