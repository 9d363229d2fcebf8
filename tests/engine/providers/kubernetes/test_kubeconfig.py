"""Which cluster a configuration means."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.kubernetes.kubeconfig import resolve
from tenantmesh.engine.providers.kubernetes.settings import Settings
from tenantmesh.errors import ProviderError


def document(server: str = "https://a", **more) -> dict:
    user = more.pop("user", {"token": "t"})
    cluster = {"server": server, **more.pop("cluster", {})}
    name = more.pop("name", "a")
    return {
        "clusters": [{"name": name, "cluster": cluster}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": f"{name}-space"}}],
        "users": [{"name": name, "user": user}],
        "current-context": name,
        **more,
    }


@pytest.fixture
def write(tmp_path):
    def write(file: str, **more) -> Path:
        path = tmp_path / file
        path.write_text(yaml.safe_dump(document(**more)))
        return path

    return write


def ambient(**environment: str) -> Ambient:
    return Ambient(environment=environment)


def test_a_setting_may_be_a_path_or_the_content(write):
    path = write("config")
    for kubeconfig in (str(path), path.read_text(), yaml.safe_dump(document(), default_flow_style=True)):
        found = resolve(Settings(kubeconfig=kubeconfig), ambient())
        assert found.cluster.server == "https://a"
        assert found.namespace == "a-space"


def test_the_setting_wins_over_the_flag_and_that_over_the_environment(write):
    one, two, three = (write(name, server=f"https://{name}") for name in ("one", "two", "three"))
    flagged = Ambient(kubeconfig=two, environment={"KUBECONFIG": str(three)})
    assert resolve(Settings(kubeconfig=str(one)), flagged).cluster.server == "https://one"
    assert resolve(Settings(), flagged).cluster.server == "https://two"
    assert resolve(Settings(), ambient(KUBECONFIG=str(three))).cluster.server == "https://three"


def test_a_provider_that_only_repeats_the_environment_does_not_win_over_the_flag(write):
    """The SDK fills KUBECONFIG into every explicit provider."""
    one, two = write("one", server="https://one"), write("two", server="https://two")
    flagged = Ambient(kubeconfig=two, environment={"KUBECONFIG": str(one)})
    assert resolve(Settings(kubeconfig=str(one)), flagged).cluster.server == "https://two"


def test_several_files_are_one_and_the_first_wins(write):
    one = write("one", name="one", server="https://one")
    two = write("two", name="two", server="https://two")
    listed = ambient(KUBECONFIG=os.pathsep.join([str(one), "/not/there", str(two)]))
    assert resolve(Settings(), listed).cluster.server == "https://one"
    assert resolve(Settings(context="two"), listed).cluster.server == "https://two"
    assert resolve(Settings(cluster="two"), listed).cluster.server == "https://two"


def test_the_home_folder_is_the_last_resort(write, tmp_path):
    (tmp_path / ".kube").mkdir()
    write(".kube/config", server="https://home")
    assert resolve(Settings(), ambient(HOME=str(tmp_path))).cluster.server == "https://home"


def test_files_are_found_beside_the_kubeconfig(write, tmp_path):
    path = write(
        "config", cluster={"certificate-authority": "ca.crt"}, user={"client-key": "k", "client-certificate": "c"}
    )
    found = resolve(Settings(kubeconfig=str(path)), ambient())
    assert found.cluster.certificate_auth == str(tmp_path / "ca.crt")
    assert found.user.client_key == str(tmp_path / "k")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"current-context": None}, "No current context"),
        ({"current-context": "gone"}, "'gone' not found"),
        ({"cluster": {"proxy-url": "http://p"}}, "cluster a uses proxy-url"),
        ({"user": {"as": "root"}}, "user a uses as"),
        ({"user": {"auth-provider": {"name": "gcp"}}}, "user a uses auth-provider"),
    ],
)
def test_what_can_not_be_used_is_told(write, more, told):
    with pytest.raises(ProviderError, match=told):
        resolve(Settings(kubeconfig=str(write("config", **more))), ambient())


def test_content_that_is_no_kubeconfig_is_not_repeated():
    for content in ("a: b\nsecret-marker: [", "{secret-marker: 1}"):
        with pytest.raises(ProviderError, match="is not a kubeconfig") as told:
            resolve(Settings(kubeconfig=content), ambient())
        assert "secret-marker" not in str(told.value)


def test_no_cluster_at_all_says_what_to_do(tmp_path):
    with pytest.raises(ProviderError, match=r"no cluster is configured; set KUBECONFIG, .* --out"):
        resolve(Settings(), ambient(HOME=str(tmp_path)))
    with pytest.raises(ProviderError, match="can't be read"):
        resolve(Settings(kubeconfig=str(tmp_path / "gone")), ambient())


def test_a_user_may_be_left_out(write):
    path = write("config")
    content = yaml.safe_load(path.read_text())
    del content["contexts"][0]["context"]["user"]
    assert resolve(Settings(kubeconfig=yaml.safe_dump(content)), ambient()).user is not None


AT_ONCE = """
import sys, threading
from pathlib import Path
from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.kubernetes.kubeconfig import resolve
from tenantmesh.engine.providers.kubernetes.settings import Settings

sys.setswitchinterval(1e-6)
here, together, seen = Ambient(kubeconfig=Path(sys.argv[1])), threading.Barrier(8), []

def read():
    together.wait()
    seen.append(resolve(Settings(), here).cluster.server)

threads = [threading.Thread(target=read) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(*set(seen), len(seen))
"""


def test_several_threads_may_be_the_first_to_read_a_kubeconfig(write):
    """The resources of a stack are worked on side by side; of five runs some would end by a signal otherwise."""
    path = write("a")
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", AT_ONCE, str(path)], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (0, "https://a 8\n")
