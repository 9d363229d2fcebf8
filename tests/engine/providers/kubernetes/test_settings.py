"""The provider's own configuration."""

import pytest

from tenantmesh.engine.providers.kubernetes.reconfiguring import diff_settings
from tenantmesh.engine.providers.kubernetes.settings import ClientSettings, Settings, read_settings
from tenantmesh.engine.values import UNKNOWN
from tenantmesh.errors import ProviderError, UnsupportedError


def test_nothing_has_to_be_set():
    assert read_settings({}, {}) == Settings()
    assert read_settings({"version": "4.34.2", "__internal": {}}, {}) == Settings()


@pytest.mark.parametrize("value", [True, "true"])
def test_truths_may_be_texts(value):
    settings = read_settings({"enableConfigMapMutable": value, "deleteUnreachable": value}, {})
    assert settings.config_map_mutable
    assert settings.delete_unreachable
    assert not settings.secret_mutable


def test_a_setting_wins_over_the_environment():
    environment = {"PULUMI_K8S_DELETE_UNREACHABLE": "true", "PULUMI_K8S_ENABLE_SECRET_MUTABLE": "true"}
    settings = read_settings({"deleteUnreachable": "false"}, environment)
    assert not settings.delete_unreachable
    assert settings.secret_mutable


def test_client_settings_may_be_json():
    settings = read_settings({"kubeClientSettings": '{"qps": 5, "timeout": 7}'}, {"PULUMI_K8S_CLIENT_BURST": "9"})
    assert settings.client == ClientSettings(qps=5, burst=9, timeout=7)


def test_a_kubeconfig_that_is_not_known_yet_is_no_kubeconfig():
    assert not read_settings({"kubeconfig": UNKNOWN}, {}).known


def test_client_side_apply_is_refused_by_name():
    with pytest.raises(UnsupportedError, match="enableServerSideApply"):
        read_settings({"enableServerSideApply": "false"}, {})


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"kubeClientSettings": "{"}, "is not JSON"),
        ({"kubeClientSettings": {"qps": "many"}}, "are numbers"),
        ({"colour": "blue"}, "unknown setting colour"),
        ({"alwaysRender": True}, "needs renderYamlToDirectory"),
        ({"renderYamlToDirectory": "a", "context": "b"}, "contacts no cluster"),
        ({"strictMode": True}, "needs a provider with kubeconfig and context"),
    ],
)
def test_what_can_not_be_used_is_told(config, told):
    with pytest.raises(ProviderError, match=told):
        read_settings(config, {})


def kubeconfig(server: str, token: str = "t") -> str:
    return f"""
clusters: [{{name: c, cluster: {{server: {server}}}}}, {{name: d, cluster: {{server: 'https://d'}}}}]
contexts: [{{name: x, context: {{cluster: c, user: u}}}}, {{name: y, context: {{cluster: d, user: u}}}}]
users: [{{name: u, user: {{token: {token}}}}}]
current-context: x
"""


def test_another_cluster_replaces_the_objects():
    old, new = {"kubeconfig": kubeconfig("https://a")}, {"kubeconfig": kubeconfig("https://b")}
    assert diff_settings(old, new).replaces == ("kubeconfig",)
    assert diff_settings(old, {**old, "context": "y"}).replaces == ("context",)


def test_other_credentials_do_not():
    old, new = {"kubeconfig": kubeconfig("https://a")}, {"kubeconfig": kubeconfig("https://a", "other")}
    diff = diff_settings(old, new)
    assert diff.changes
    assert diff.replaces == ()


def test_an_identifier_decides_alone():
    old = {"kubeconfig": kubeconfig("https://a"), "clusterIdentifier": "one"}
    assert diff_settings(old, {**old, "kubeconfig": kubeconfig("https://b")}).replaces == ()
    assert diff_settings(old, {**old, "clusterIdentifier": "two"}).replaces == ("clusterIdentifier",)


def test_an_unknown_kubeconfig_may_be_another_cluster():
    assert diff_settings({"kubeconfig": kubeconfig("https://a")}, {"kubeconfig": UNKNOWN}).replaces == ("kubeconfig",)


def test_the_same_settings_are_no_change():
    assert not diff_settings({"namespace": "a"}, {"namespace": "a"}).changes
