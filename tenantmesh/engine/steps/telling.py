"""Reports what goes wrong with a resource before any step of it."""

from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.steps.deployment import Deployment, StepFailedError
from tenantmesh.errors import EngineError


class Telling:
    """Reports a provider's refusal that comes before any step, and turns it into StepFailedError."""

    def __init__(self, deployment: Deployment, old: ResourceState | None, new: ResourceState) -> None:
        self._deployment = deployment
        self._old = old
        self._new = new

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, StepFailedError):
            return
        reporter = self._deployment.reporter
        for state in (self._old, self._new):
            if state is not None:
                reporter.scrubber.learn({"inputs": state.inputs, "outputs": state.outputs})
        text = str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
        reporter.error(text, self._new.urn)
        self._deployment.fail()
        raise StepFailedError(self._new.urn) from error
