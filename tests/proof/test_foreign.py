"""Folders that tenantmesh did not make: clean as they are, and each hole that is put into one is found by its rule."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from tenantmesh.cli.proving import Meaning, proven
from tenantmesh.cli.sources import Read
from tenantmesh.graph.reading import read_files
from tests.checks.certificates import filled

FOREIGN = Path(__file__).parent / "foreign"
LABEL = Meaning(tenant_label="team")


@dataclass(frozen=True, kw_only=True)
class Hole:
    """Objects of YAML that replace or join those of two tenants, with the rules that have to find them."""

    name: str
    text: str
    rules: frozenset[str]
    setups: tuple[str, ...] = ("policies", "mesh")
    remove: tuple[str, ...] = ()


def hole(name, text, *rules, **more):
    return Hole(name=name, text=text, rules=frozenset(rules), **more)


POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: more, namespace: acme}\nspec:\n"
POD = """
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: acme, labels: {app: agent}}
spec:
  hostNetwork: true
  containers:
  - name: agent
    image: example.com/agent:1
    securityContext:
      allowPrivilegeEscalation: false
      runAsNonRoot: true
      capabilities: {drop: [ALL]}
      seccompProfile: {type: RuntimeDefault}
"""
SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: ca, namespace: NAMESPACE}
type: kubernetes.io/tls
stringData: {tls.crt: "<ca 7>", tls.key: "<key 7>"}
"""
HOLES = [
    hole(
        "every namespace is let in",
        f"{POLICY}  podSelector: {{}}\n  ingress:\n  - from:\n    - namespaceSelector: {{}}\n",
        "network-reach",
    ),
    hole(
        "a rule without peers",
        f"{POLICY}  podSelector: {{}}\n  policyTypes: [Ingress]\n  ingress:\n  - ports:\n    - {{port: 8080}}\n",
        "network-reach",
    ),
    hole(
        "egress is meant, and policyTypes forgotten",
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: deny, namespace: acme}\nspec:\n  podSelector: {}\n",
        "network-uncovered",
        remove=("NetworkPolicy acme/own", "NetworkPolicy acme/names"),
    ),
    hole(
        "a label of the namespace is trusted that says which team",
        f"{POLICY}  podSelector: {{}}\n  ingress:\n  - from:\n    - namespaceSelector:\n"
        "        matchLabels: {team: globex}\n",
        "one-sided-opening",
        "unprotected-label",
    ),
    hole(
        "a node port",
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: acme}\n"
        "spec:\n  type: NodePort\n  selector: {app: web}\n  ports:\n  - {port: 8080, nodePort: 30080}\n",
        "exposed-past-gateway",
    ),
    hole("a pod in the network of its node", POD, "pod-escapes"),
    hole(
        "the people of a tenant read the whole cluster",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: people}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}\n"
        "subjects:\n- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: acme-people}\n",
        "rbac-across-tenants",
    ),
    hole(
        "a namespace of people who make pods has no standard",
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: acme, labels: {team: acme, istio-injection: enabled}}\n"
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: makers, namespace: acme}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: makers}\n"
        "subjects:\n- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: acme-people}\n"
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: makers, namespace: acme}\n"
        'rules:\n- {apiGroups: [""], resources: [pods], verbs: [create]}\n',
        "pod-escapes",
        setups=("mesh",),
    ),
    hole(
        "plain text is taken",
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
        "metadata: {name: default, namespace: acme}\nspec:\n  mtls: {mode: PERMISSIVE}\n",
        "permissive-mtls",
        setups=("mesh",),
    ),
    hole(
        "an ALLOW for everybody, and no DENY",
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
        "metadata: {name: more, namespace: acme}\nspec:\n  rules:\n  - {}\n",
        "identity-reach",
        setups=("mesh",),
        remove=("AuthorizationPolicy acme/strangers",),
    ),
    hole(
        "one CA signs for both",
        f"{SECRET.replace('NAMESPACE', 'acme')}---{SECRET.replace('NAMESPACE', 'globex')}",
        "shared-key",
    ),
    hole(
        "the routes of another's host are taken, and told to all",
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: more, namespace: acme}\n"
        'spec:\n  exportTo: ["*"]\n  hosts: ["*.globex.svc.cluster.local"]\n  http:\n  - route:\n'
        "    - destination: {host: web.acme.svc.cluster.local}\n",
        "foreign-host",
        setups=("mesh",),
    ),
]
CASES = [pytest.param(setup, one, id=f"{setup}: {one.name}") for one in HOLES for setup in one.setups]


@cache
def setup_of(name):
    """The objects of acme and globex, by kind and name; a mesh has the network policies too."""
    files = ("policies", "mesh") if name == "mesh" else ("policies",)
    text = "\n---\n".join((FOREIGN / f"{file}.yaml").read_text() for file in files)
    return objects(text) | objects(text.replace("acme", "globex"))


def objects(text):
    bodies = [body for body in yaml.safe_load_all(text) if body]
    return {f"{one['kind']} {one['metadata'].get('namespace', '')}/{one['metadata']['name']}": one for one in bodies}


def found(folder, made):
    (folder / "all.yaml").write_text(yaml.safe_dump_all(made.values()))
    return proven(Read(read_files([folder])), LABEL).proof


@pytest.mark.parametrize("setup", ["policies", "mesh"])
def test_a_setup_without_a_hole_proves_clean(setup, tmp_path):
    proof = found(tmp_path, setup_of(setup))
    assert [(one.rule.id, one.message) for one in proof.findings] == []
    assert proof.unproven == ()
    assert proof.tenants == ("acme", "globex")


@pytest.mark.parametrize(("setup", "planted"), CASES)
def test_a_hole_is_found(setup, planted, tmp_path):
    made = setup_of(setup) | objects(filled(planted.text))
    proof = found(tmp_path, {name: body for name, body in made.items() if name not in planted.remove})
    assert planted.rules <= {one.rule.id for one in proof.findings}
    assert all("acme" in one.tenants for one in proof.findings if one.rule.id in planted.rules)
