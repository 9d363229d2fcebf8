"""Reads what exists already: resources that the program does not manage, and those that it takes over."""

from msgspec.structs import replace

from tenantmesh.engine.provider import Found, InitFailedError
from tenantmesh.engine.resource import Change, OperationType, ResourceState
from tenantmesh.engine.secrets import mark
from tenantmesh.engine.steps.books import Books, Task, marked, stamped
from tenantmesh.engine.steps.deployment import Deployment
from tenantmesh.engine.steps.executor import Executor, expect
from tenantmesh.engine.values import reveal
from tenantmesh.errors import ProviderError


class Reader:
    """Its steps are done by an executor."""

    def __init__(self, deployment: Deployment, executor: Executor) -> None:
        self._deployment = deployment
        self._executor = executor
        self._books = Books(deployment)

    def read(self, task: Task, new: ResourceState) -> ResourceState:
        """Read a resource that the program does not manage."""

        def action() -> ResourceState:
            provider = expect(task.provider)
            token = self._books.begin(OperationType.READING, new)
            try:
                inputs = reveal(new.inputs)
                found = provider.read(self._deployment.resource(new), new.id, inputs, inputs)
                if found is None:
                    raise ProviderError(f"resource {new.id!r} does not exist")
            except Exception:
                self._books.end(token, new, None)
                raise
            state = marked(replace(new, id=found.id or new.id, outputs=found.outputs), provider)
            self._books.end(token, new, Change(put=state))
            return self._books.know(state)

        return expect(self._executor.perform(task, action))

    def find(self, task: Task, new: ResourceState) -> ResourceState:
        """Take over a resource that exists already: the record has its own inputs and outputs."""

        def action() -> ResourceState:
            provider = expect(task.provider)
            token = self._books.begin(OperationType.IMPORTING, new)
            reasons: tuple[str, ...] = ()
            try:
                found = provider.read(self._deployment.resource(new), new.import_id, {}, {})
            except InitFailedError as error:
                reasons = error.reasons
                found = Found(
                    id=error.result.id, outputs=error.result.outputs, inputs=error.inputs or reveal(new.inputs)
                )
            except Exception:
                self._books.end(token, new, None)
                raise
            if found is None:
                self._books.end(token, new, None)
                raise ProviderError(f"resource {new.import_id!r} does not exist")
            imported = replace(
                stamped(new),
                id=found.id or new.import_id,
                inputs=mark(found.inputs, new.inputs),
                outputs=found.outputs,
                init_errors=reasons,
            )
            state = marked(imported, provider)
            self._books.end(token, new, Change(put=state))
            return self._books.know(state)

        return expect(self._executor.perform(task, action))
