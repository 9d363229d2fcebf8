"""`tenantmesh explain` as scripts see it."""

import json

from tests.cli.checked import folder, run


def test_every_layer_says_who_decides_and_what_would_change_it(tmp_path):
    told = run("explain", "acme", "globex/web:8080", "--manifests", folder(tmp_path / "a"), code=0)
    assert "denied: acme/web" in told
    assert "NetworkPolicy globex/default-deny" in told
    assert "AuthorizationPolicy globex/fence" in told
    assert "to flip it" in told


def test_json_gives_the_answer_and_the_layers(tmp_path):
    told = run("explain", "acme", "web.globex:8080", "--json", "--manifests", folder(tmp_path / "a"), code=0)
    document = json.loads(told)
    assert document["answer"] == "denied"
    assert [one["layer"] for one in document["layers"]] == ["network", "identity", "routing"]


def test_a_name_that_is_nobodys_ends_with_2(tmp_path):
    told = run("explain", "acme", "nobody", "--manifests", folder(tmp_path / "a"), code=2)
    assert "tenants are acme, globex" in told


def test_a_port_that_is_none_ends_with_2(tmp_path):
    told = run("explain", "acme", "globex:http", "--manifests", folder(tmp_path / "a"), code=2)
    assert "'http' is not a port (1-65535)" in told
