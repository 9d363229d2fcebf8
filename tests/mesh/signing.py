"""The dev stack with a login at both tenants' gateways, of which the first has two, by one OpenID provider outside."""

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
