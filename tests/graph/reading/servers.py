"""An API server of a few kinds in memory, as the reader of live clusters asks it."""

import time
import uuid
from contextlib import contextmanager

from tenantmesh.graph.reading import Refused

V2 = "apidiscovery.k8s.io"


class FakeServer:
    """`lists` are bodies by path, `refused` codes by path. An `older` one does not tell all of its kinds at once."""

    def __init__(self, lists, *, refused=(), older=False, forgets=False, stale=()):
        self.lists, self.refused, self.older, self.forgets, self.stale = lists, dict(refused), older, forgets, stale
        self.asked = []

    def get(self, path, query, accept):
        self.asked.append((path, dict(query), accept))
        if path in self.refused:
            raise Refused(self.refused[path], "not for you")
        if path in ("/api", "/apis"):
            return self._versions(path) if self.older or V2 not in accept else self._discovery(path)
        if path in self.lists:
            return self._page(path, query)
        return {"resources": [self._resource(one) for one in self.lists if one.rpartition("/")[0] == path]}

    def _page(self, path, query):
        bodies = self.lists[path]
        start = int(query.get("continue", 0))
        if start and self.forgets:
            raise Refused(410, "too old")
        end = start + int(query.get("limit", len(bodies)))
        more = {"continue": str(end)} if end < len(bodies) else {}
        return {"kind": "List", "metadata": more, "items": bodies[start:end]}

    def _resource(self, path):
        plural = path.rpartition("/")[2]
        kind = {"networkpolicies": "NetworkPolicy", "ingressroutes": "IngressRoute"}.get(plural, plural[:-1].title())
        return {"name": plural, "resource": plural, "kind": kind, "responseKind": {"kind": kind}, "verbs": ["list"]}

    def _groups(self, path):
        found = {}
        for one in self.lists:
            prefix, _, _ = one.rpartition("/")
            if prefix.startswith(f"{path}/"):
                group, _, version = prefix.removeprefix(f"{path}/").rpartition("/")
                found.setdefault(group, {}).setdefault(version, []).append(one)
        return found

    def _discovery(self, path):
        items = [
            {
                "metadata": {"name": group},
                "versions": [
                    {
                        "version": version,
                        "freshness": "Stale" if group in self.stale else "Current",
                        "resources": [self._resource(one) for one in paths],
                    }
                    for version, paths in versions.items()
                ],
            }
            for group, versions in self._groups(path).items()
        ]
        return {"kind": "APIGroupDiscoveryList", "items": items}

    def _versions(self, path):
        groups = self._groups(path)
        if path == "/api":
            return {"kind": "APIVersions", "versions": list(groups.get("", {}))}
        named = [
            {
                "name": group,
                "versions": [{"version": one} for one in versions],
                "preferredVersion": {"version": next(iter(versions))},
            }
            for group, versions in groups.items()
        ]
        return {"kind": "APIGroupList", "groups": named}


@contextmanager
def seeing_namespaces(cluster):
    """The kubeconfig of a user of the real control plane who may list namespaces, and nothing else."""
    api, rbac = cluster.api(), "/apis/rbac.authorization.k8s.io/v1"
    name = f"sees-namespaces-{uuid.uuid4().hex[:8]}"
    rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]}
    group = {"apiGroup": "rbac.authorization.k8s.io"}
    api.request("POST", f"{rbac}/clusterroles", {"metadata": {"name": name}, "rules": [rule]}).json()
    binding = {
        "metadata": {"name": name},
        "subjects": [{"kind": "User", "name": name, **group}],
        "roleRef": {"kind": "ClusterRole", "name": name, **group},
    }
    api.request("POST", f"{rbac}/clusterrolebindings", binding).json()
    _wait_for_right(api, name)
    try:
        yield cluster.kubeconfig_for(name)
    finally:
        for plural in ("clusterrolebindings", "clusterroles"):
            api.request("DELETE", f"{rbac}/{plural}/{name}")


def _wait_for_right(api, user):
    """The authorizer takes a moment to see a new binding."""
    attributes = {"verb": "list", "resource": "namespaces"}
    question = {"spec": {"user": user, "resourceAttributes": attributes}}
    deadline = time.monotonic() + 30
    while True:
        answer = api.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", question).json()
        if answer["status"]["allowed"]:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)
