"""Random roles, bindings and questions: few words, so that rules meet questions, and all that RBAC makes special."""

import random

from tenantmesh.graph.api import Resource, Subject
from tests.graph.api.objects import account, binding, cluster_role, group, role, user

VERBS = ("get", "list", "watch", "create", "delete", "deletecollection", "bind", "escalate", "impersonate", "*")
GROUPS = ("", "apps", "networking.istio.io", "*")
RESOURCES = ("pods", "pods/exec", "secrets", "deployments", "deployments/scale", "*", "*/scale", "*/exec", "pods/*")
NAMES = ("", "a", "b")
URLS = ("/healthz", "/healthz/*", "/metrics", "/api/*", "/a*", "*")
ASKED_RESOURCES = ("pods", "pods/exec", "secrets", "deployments", "deployments/scale", "services", "services/exec")
ASKED_URLS = ("/healthz", "/healthz/", "/healthz/etcd", "/metrics", "/metrics/x", "/api", "/api/v1", "/apis", "*")
TIERS = ("x", "y", "z")


class World:
    """One random cluster's roles and bindings, every name of the cluster's own led by `prefix`."""

    def __init__(self, seed: int, prefix: str, size: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  (a test's choices, not a secret)
        self._prefix = prefix
        self.namespaces = tuple(f"{prefix}-{one}" for one in ("a", "b", "c"))
        self.label = f"{prefix}.example.com/tier"
        self._users = tuple(f"{prefix}-u{one}" for one in range(4))
        self._groups = tuple(f"{prefix}-g{one}" for one in range(3))
        self.cluster_roles = [self._cluster_role(index) for index in range(size)]
        self.roles = [self._role(index) for index in range(size)]
        self.bindings = [self._binding(index) for index in range(2 * size)]
        self.cluster_bindings = [self._cluster_binding(index) for index in range(size // 2)]

    @property
    def bodies(self):
        return (*self.cluster_roles, *self.roles, *self.bindings, *self.cluster_bindings)

    def question(self) -> tuple[Subject, str, Resource | str]:
        verb = self._pick(VERBS[:-1])
        if self._random.random() < 0.15:
            return self._asker(), verb, self._pick(ASKED_URLS)
        asked = Resource(
            resource=self._pick(ASKED_RESOURCES),
            group=self._pick(GROUPS[:-1]),
            name=self._pick(NAMES),
            namespace=self._pick((*self.namespaces, *self.namespaces, "")),
        )
        return self._asker(), verb, asked

    def _asker(self) -> Subject:
        if self._random.random() < 0.4:
            return account(self._pick(self.namespaces), self._pick(("default", "app")))
        groups = self._some(self._groups, 0, 2)
        return user(self._pick(self._users), *groups)

    def _subject(self, home: str) -> Subject:
        space = self._pick(self.namespaces)
        name = self._pick(("default", "app"))
        narrow = (
            user(self._pick(self._users)),
            group(self._pick(self._groups)),
            account(space, name),
            user(f"system:serviceaccount:{space}:{name}"),
            group(f"system:serviceaccounts:{space}"),
        )
        # Groups that everybody is in are bound in the test's own namespaces only.
        wide = (group("system:authenticated"), group("system:serviceaccounts"), account("", name))
        return self._pick((*narrow, *narrow, *wide) if home else narrow)

    def _rule(self):
        names = self._some(NAMES, 1, 2) if self._random.random() < 0.3 else []
        found = {
            "verbs": self._some(VERBS, 1, 3),
            "apiGroups": self._some(GROUPS, 1, 2),
            "resources": self._some(RESOURCES, 1, 2),
        }
        return found | ({"resourceNames": names} if names else {})

    def _cluster_role(self, index: int):
        labels = {self.label: self._pick(TIERS)} if self._random.random() < 0.7 else {}
        name = f"{self._prefix}-r{index}"
        if self._random.random() < 0.3:
            selectors = [self._selector() for _ in range(self._random.randint(1, 2))]
            written = [self._rule()] if self._random.random() < 0.15 else []
            return cluster_role(name, *written, labels=labels | self._own, aggregates=selectors)
        rules = [self._rule() for _ in range(self._random.randint(0, 2))]
        if self._random.random() < 0.4:
            rules.append({"verbs": self._some(VERBS, 1, 2), "nonResourceURLs": self._some(URLS, 1, 2)})
        return cluster_role(name, *rules, labels=labels | self._own)

    @property
    def _own(self):
        return {f"{self._prefix}.example.com/own": "yes"}

    def _selector(self):
        """Always within the test's own roles, for another test's would change under it."""
        tiers = self._some(TIERS, 1, 2)
        part = self._pick(
            (
                {"key": self.label, "operator": "In", "values": tiers},
                {"key": self.label, "operator": "NotIn", "values": tiers},
                {"key": self.label, "operator": "Exists"},
                {"key": self.label, "operator": "DoesNotExist"},
            )
        )
        if self._random.random() < 0.4:
            return {"matchLabels": {self.label: tiers[0]}}
        return {"matchLabels": self._own, "matchExpressions": [part]}

    def _role(self, index: int):
        rules = [self._rule() for _ in range(self._random.randint(1, 3))]
        return role(self._pick(self.namespaces), f"r{index}", *rules)

    def _binding(self, index: int):
        """One in ten refers to a role that is not there, or not in this namespace."""
        namespace = self._pick(self.namespaces)
        here = [one["metadata"]["name"] for one in self.roles if one["metadata"]["namespace"] == namespace]
        subjects = [self._subject(namespace) for _ in range(self._random.randint(1, 2))]
        kind = self._pick(("Role", "ClusterRole"))
        found = here if kind == "Role" else [one["metadata"]["name"] for one in self.cluster_roles]
        to = self._pick(found) if found and self._random.random() < 0.9 else "nothing"
        return binding(namespace, f"b{index}", to, *subjects, kind=kind)

    def _cluster_binding(self, index: int):
        to = self._pick(self.cluster_roles)["metadata"]["name"]
        return binding("", f"{self._prefix}-b{index}", to, self._subject(""), kind="ClusterRole")

    def _pick(self, some):
        return self._random.choice(some)

    def _some(self, of, least, most):
        return self._random.sample(of, self._random.randint(least, most))
