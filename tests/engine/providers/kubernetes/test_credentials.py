"""Tokens that a credential plugin gives."""

import json
import sys
from pathlib import Path

import httpx2
import pytest
from lightkube.config.models import NameValue, UserExec

from tenantmesh.engine.providers.kubernetes.credentials import PluginCredentials
from tenantmesh.errors import ProviderError

API = "client.authentication.k8s.io/v1"


def plugin(script: str, **options) -> UserExec:
    return UserExec(apiVersion=API, command=sys.executable, args=["-c", script], **options)


def answer(token: str) -> str:
    return f"import json; print(json.dumps({{'apiVersion': '{API}', 'status': {{'token': {token}}}}}))"


def sent(credentials: PluginCredentials, accepts: str) -> list[str]:
    """The credentials of all requests that one call makes to a server which takes one token only."""
    seen: list[str] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers["Authorization"])
        return httpx2.Response(200 if accepts in seen[-1] else 401)

    with httpx2.Client(transport=httpx2.MockTransport(respond), auth=credentials) as client:
        client.get("http://server/")
        client.get("http://server/")
    return seen


def test_the_plugin_is_asked_once_and_told_what_it_needs(tmp_path):
    count = tmp_path / "count"
    record = f"import os; open({str(count)!r}, 'a').write(os.environ['KUBERNETES_EXEC_INFO'] + os.environ['MINE']);"
    credentials = PluginCredentials(plugin(record + answer("'one'"), env=[NameValue("MINE", "m")]), {})
    assert sent(credentials, "one") == ["Bearer one", "Bearer one"]
    info, _, mine = count.read_text().rpartition("}")
    assert json.loads(info + "}") == {"apiVersion": API, "kind": "ExecCredential", "spec": {"interactive": False}}
    assert mine == "m"


def test_a_token_that_is_refused_is_replaced(tmp_path):
    seen = Path(tmp_path, "seen")
    script = f"import pathlib; p = pathlib.Path({str(seen)!r}); old = p.exists(); p.touch();"
    credentials = PluginCredentials(plugin(script + answer("'new' if old else 'old'")), {})
    assert sent(credentials, "new") == ["Bearer old", "Bearer new", "Bearer new"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (UserExec(apiVersion=API, command="no-such-plugin", installHint="get it"), "not installed; get it"),
        (plugin("import sys; sys.exit('log in first')"), "failed: log in first"),
        (plugin("print('marker-token')"), "gave no credential"),
        (plugin("print('{}')"), "gave no token"),
    ],
)
def test_a_plugin_that_fails_is_told_without_its_output(broken, told):
    with pytest.raises(ProviderError, match=told) as error:
        sent(PluginCredentials(broken, {}), "one")
    assert "marker-token" not in str(error.value)
