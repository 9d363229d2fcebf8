"""Laws of logins: whatever else a tenant is, one opens nothing and shows no secret."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.test_plan_laws import ARGS, bodies

ISSUER = "https://id.example.org"
WORD = "marker-Zq7wX2"
LOGIN = st.fixed_dictionaries(
    {
        "authorization_endpoint": st.just(f"{ISSUER}/auth"),
        "token_endpoint": st.just(f"{ISSUER}/token"),
        "client_id": st.sampled_from(["acme", "shop"]),
        "client_secret": st.just(WORD),
    },
    optional={
        "scopes": st.just(["openid", "email"]),
        "redirect_path": st.just("/in"),
        "sign_out_path": st.just("/out"),
        "epoch": st.integers(1, 3),
    },
)
JWT = {"issuer": ISSUER, "audiences": ["acme"], "jwks_uri": f"{ISSUER}/keys"}
PROVIDER = {"host": "id.example.org", "protocol": "https"}


def asking(args: dict[str, Any], tls: str) -> dict[str, Any]:
    """The arguments with what a login can't be without."""
    ingress = {"hosts": ["shop.example.com"], **args.get("ingress", {}), "client_tls": tls}
    egress = args.get("egress", {"services": []})
    services = [one for one in egress["services"] if one["host"] != PROVIDER["host"]]
    return {**args, "ingress": ingress, "egress": {**egress, "services": [*services, PROVIDER]}, "jwt": [JWT]}


def by_key(found: list[Any]) -> dict[tuple[str, str, str], Any]:
    return {(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in found}


@given(ARGS, LOGIN, st.sampled_from(["simple", "mutual"]))
@settings(max_examples=100)
def test_a_login_adds_its_filter_and_files_and_changes_nothing_else(args, login, tls):
    before = asking(args, tls)
    without, logging_in = (
        by_key(bodies("acme", before)),
        by_key(bodies("acme", {**before, "jwt": [{**JWT, "login": login}]})),
    )
    assert [kind for kind, _, _ in logging_in.keys() - without.keys()] == ["EnvoyFilter"]
    changed = [key for key, body in without.items() if logging_in[key] != body]
    assert [(kind, name) for kind, _, name in changed] == [("Deployment", "acme-ingress")]
    assert WORD not in json.dumps(list(logging_in.values()))
