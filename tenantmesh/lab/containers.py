"""Which program plays a container: Istio's own for its images, real ones that are there, else a stand-in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from tenantmesh.lab.images import short_name
from tenantmesh.lab.programs import BOOTSTRAP
from tenantmesh.lab.variables import expanded, variables

PROXY = "istio-proxy"
CONTROL_PLANE = "discovery"
PROXY_USER = 1337
_VALIDATION = "istio-validation"
_ONLY_CHECKING = {"--run-validation", "--skip-rule-apply"}
_DEBUG_PORT, _MONITORING_PORT, _WEBHOOK_PORT, _XDS_PORT = 8080, 15014, 15017, 15012


class Running(Struct, frozen=True, kw_only=True):
    """How a container runs: its command and environment, as which user, in which folder."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    user: int
    root: Path


class Containers(Struct, frozen=True, kw_only=True):
    """The containers of one pod, which has `address` and whose files lie in `folder`; `images`: see read_images."""

    pod: dict[str, Any]
    address: str
    host: str
    folder: Path
    programs: Path
    kubeconfig: Path
    images: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def all(self) -> tuple[dict[str, Any], ...]:
        """Those that run as long as the pod does, in the order in which they start: sidecars, then the others."""
        spec = self.pod["spec"]
        sidecars = (one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always")
        return (*sidecars, *spec["containers"])

    @property
    def redirection(self) -> tuple[str, ...]:
        """The command that redirects the pod's traffic to its sidecar, as Istio's CNI plugin would; () for none.

        The pod carries it as an init container that only checks what the plugin did.
        """
        for container in self.pod["spec"].get("initContainers", []):
            if container["name"] == _VALIDATION:
                return (str(self.programs / "agent"), *(one for one in container["args"] if one not in _ONLY_CHECKING))
        return ()

    def running(self, container: dict[str, Any]) -> Running:
        """How it runs."""
        name = container["name"]
        environment = variables(self.pod, container, address=self.address, host=self.host)
        environment |= {"HOSTNAME": self.pod["metadata"]["name"]}
        root = self.folder / name
        if name == PROXY:
            return Running(
                name=name,
                command=(str(self.programs / "agent"), *(expanded(one, environment) for one in container["args"])),
                environment=environment | self._proxy_environment(environment),
                user=PROXY_USER,
                root=root,
            )
        if name == CONTROL_PLANE:
            return Running(name=name, command=self._istiod(container), environment=environment, user=0, root=root)
        security = self.pod["spec"].get("securityContext", {}) | container.get("securityContext", {})
        user = security.get("runAsUser", 1000)
        command = self._application(container, environment)
        return Running(name=name, command=command, environment=environment, user=user, root=root)

    def _application(self, container: dict[str, Any], environment: dict[str, str]) -> tuple[str, ...]:
        """A real program takes the container's arguments; the stand-in knows by itself what it is."""
        if real := self.images.get(short_name(container["image"])):
            return (*real, *(expanded(one, environment) for one in container.get("args", [])))
        ports = [str(port["containerPort"]) for port in container.get("ports", [])]
        return (str(self.programs / "standin"), "--image", container["image"], "--ports", ",".join(ports))

    def _proxy_environment(self, environment: dict[str, str]) -> dict[str, str]:
        config = json.loads(environment["PROXY_CONFIG"]) | {"binaryPath": str(self.programs / "envoy")}
        return {
            "PROXY_CONFIG": json.dumps(config),
            "ISTIO_BOOTSTRAP": str(self.programs / BOOTSTRAP),
            # Asking the clouds' metadata services where one runs costs two seconds.
            "CLOUD_PLATFORM": "none",
        }

    def _istiod(self, container: dict[str, Any]) -> tuple[str, ...]:
        """With the arguments of the chart, but on the lab's own address only."""
        given = [one for one in container["args"] if not one.startswith("--monitoringAddr")]
        ports = {
            "httpAddr": _DEBUG_PORT,
            "monitoringAddr": _MONITORING_PORT,
            "httpsAddr": _WEBHOOK_PORT,
            "secureGRPCAddr": _XDS_PORT,
        }
        listening = [f"--{flag}={self.address}:{port}" for flag, port in ports.items()]
        elsewhere = ["--grpcAddr=", "--ctrlz_port=0", f"--kubeconfig={self.kubeconfig}"]
        return (str(self.programs / "discovery"), *given, *listening, *elsewhere)
