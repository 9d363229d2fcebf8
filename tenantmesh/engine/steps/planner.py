"""Decides what is to be done for each resource that the program registers, and has it done.

The decisions are those of pkg/resource/deploy/step_generator.go.
"""

from msgspec import Struct
from msgspec.structs import replace

from tenantmesh.engine import urn as urns
from tenantmesh.engine.events import Op, Severity
from tenantmesh.engine.provider import Created, Diff, Provider
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.secrets import mark
from tenantmesh.engine.steps import aliases
from tenantmesh.engine.steps.books import Task
from tenantmesh.engine.steps.deployment import Deployment, StepFailedError
from tenantmesh.engine.steps.diffing import component_diff, ignore_changes, replace_on_changes
from tenantmesh.engine.steps.executor import Executor
from tenantmesh.engine.steps.goal import Goal
from tenantmesh.engine.steps.reading import Reader
from tenantmesh.engine.steps.replacer import Replacement, Replacer
from tenantmesh.engine.steps.telling import Telling
from tenantmesh.engine.values import Properties, reveal
from tenantmesh.engine.wire import UNKNOWN_TEXT
from tenantmesh.errors import ProgramError, ProviderError


class Case(Struct, frozen=True, kw_only=True):
    """One resource on its way: what the program wants, what was there before and what it would become."""

    goal: Goal
    new: ResourceState
    old: ResourceState | None
    provider: Provider | None

    def task(self, op: Op, diff: Diff | None = None) -> Task:
        """A step for it."""
        return Task(op=op, provider=self.provider, old=self.old, new=self.new, diff=diff or Diff(changes=False))


class Planner:
    """Called from many threads; each call returns when its resource is done, or raises StepFailedError."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._executor = Executor(deployment)
        self._reader = Reader(deployment, self._executor)
        self._replacer = Replacer(deployment, self._executor)

    def register(self, goal: Goal) -> ResourceState:
        """Bring about what the program wants."""
        case = self._claim(goal)
        try:
            return self._bring_about(goal, case)
        except StepFailedError:
            self._deployment.failed.add(case.new.urn)
            raise

    def _bring_about(self, goal: Goal, case: Case) -> ResourceState:
        if goal.import_id and goal.custom and _imports(goal, case.old):
            case = self._import(case)
        case, recreate = self._check(case)
        old = case.old
        if recreate:
            return self._replacer.recreate(case.task(Op.CREATE_REPLACEMENT), self._fresh(case.new))
        if old is None:
            self._decide(case.new.urn)
            return self._executor.create(case.task(Op.CREATE), case.new)
        if old.external:
            self._decide(case.new.urn, replaced=True)
            return self._replacer.supplant(case.task(Op.CREATE_REPLACEMENT), old, self._fresh(case.new))
        return self._change(case, old)

    def read(self, goal: Goal) -> ResourceState:
        """Read a resource that somebody else manages."""
        case = self._claim(goal)
        old = case.old
        self._decide(case.new.urn)
        if goal.read_id == UNKNOWN_TEXT:
            state = replace(case.new, id=UNKNOWN_TEXT)
            self._deployment.news[state.urn] = state
            self._executor.note(case.task(Op.READ))
            return state
        if old is not None and not old.external and old.id != goal.read_id:
            new = replace(self._fresh(case.new), id=goal.read_id)
            state = self._reader.read(replace(case.task(Op.READ_REPLACEMENT), new=new), new)
            self._replacer.pend(old)
            self._executor.note(case.task(Op.REPLACE))
            return state
        return self._reader.read(case.task(Op.READ), case.new)

    def _claim(self, goal: Goal) -> Case:
        """Take the URN, and find what was there before under it or an alias."""
        deployment = self._deployment
        settings = deployment.settings
        with deployment.lock:
            deployment.go_on()
            if goal.parent and goal.parent not in deployment.seen:
                raise ProgramError(f"the parent {goal.parent} of {goal.name} is not in the program")
            urn = urns.make(settings.stack, settings.project, goal.parent, goal.type, goal.name)
            if urn in deployment.seen:
                raise self._refuse(urn, f"duplicate resource URN {urn!r}; give each resource another name")
            deployment.seen.add(urn)
            if not deployment.failed.isdisjoint(goal.references()):
                deployment.failed.add(urn)
                deployment.decided.add(urn)
                raise StepFailedError(urn)
            old, alias = self._find_old(goal, urn)
        key = old.key if old else deployment.ledger.next_key()
        provider = deployment.providers.manager(goal.type, goal.provider) if goal.custom else None
        return Case(goal=goal, new=goal.draft(urn, key, old, alias), old=old, provider=provider)

    def _find_old(self, goal: Goal, urn: str) -> tuple[ResourceState | None, str]:
        deployment = self._deployment
        settings = deployment.settings
        if urn in deployment.aliased:
            taker = deployment.aliased[urn]
            raise self._refuse(urn, f"{urn!r} was taken over by {taker!r} through an alias; remove one of the two")
        if urn in deployment.olds:
            return deployment.olds[urn], ""
        for earlier in aliases.candidates(goal, settings.project, settings.stack, deployment.aliases):
            if earlier not in deployment.olds or earlier == urn:
                continue
            if earlier in deployment.seen or earlier in deployment.aliased:
                raise self._refuse(urn, f"the alias {earlier!r} of {urn!r} belongs to another resource; remove it")
            deployment.aliased[earlier] = urn
            deployment.aliases[urn] = earlier
            return deployment.olds[earlier], earlier
        return None, ""

    def _refuse(self, urn: str, message: str) -> StepFailedError:
        self._deployment.reporter.error(message, urn)
        self._deployment.fail()
        return StepFailedError(message)

    def _check(self, case: Case) -> tuple[Case, bool]:
        """The inputs that the provider makes of the program's, and whether the old resource is being deleted."""
        recreate = self._replacer.is_condemned(case.new.urn)
        provider, old, goal = case.provider, case.old, case.goal
        if provider is None:
            return case, recreate
        if old is None or recreate or old.external or old.taint:
            return self._with_inputs(case, provider, {}, goal.properties), recreate
        inputs, failed = ignore_changes(goal.ignore_changes, old.inputs, goal.properties)
        if failed:
            text = f"changes can't be ignored in parts that were added or removed: {', '.join(failed)}"
            self._deployment.reporter.say(Severity.INFO, text, case.new.urn)
        return self._with_inputs(case, provider, old.inputs, inputs), recreate

    def _with_inputs(self, case: Case, provider: Provider, old: Properties, given: Properties) -> Case:
        new = case.new
        resource = self._deployment.resource(new)
        with self._telling(case):
            checked = provider.check(resource, reveal(old), reveal(given))
            if checked.failures:
                lines = [
                    f"{failure.property}: {failure.reason}" if failure.property else failure.reason
                    for failure in checked.failures
                ]
                raise ProviderError("\n".join(lines))
        inputs = mark(checked.inputs, given, provider.secret_outputs(new.type))
        return replace(case, new=replace(new, inputs=inputs))

    def _change(self, case: Case, old: ResourceState) -> ResourceState:
        deployment = self._deployment
        with self._telling(case):
            diff = self._diff(case, old)
        diff = replace_on_changes(diff, case.goal.replace_on_changes, init_errors=bool(old.init_errors))
        replaced = old.pending_replacement or (diff.changes and bool(diff.replaces))
        if replaced:
            self._permit(case, old, diff)
            if case.provider is not None and not old.taint:
                # Defaults that were carried over from the old resource, such as its name, are for the old one only.
                case = self._with_inputs(case, case.provider, {}, case.goal.properties)
        with deployment.lock:
            if self._replacer.is_condemned(case.new.urn):
                recreate = True
            else:
                recreate = False
                self._decide(case.new.urn, replaced=replaced)
        if recreate:
            return self._replacer.recreate(case.task(Op.CREATE_REPLACEMENT), self._fresh(case.new))
        if replaced:
            return self._replace(case, old, diff)
        if diff.changes or old.init_errors:
            return self._executor.update(case.task(Op.UPDATE, diff), old, case.new)
        return self._same(case, old)

    def _same(self, case: Case, old: ResourceState) -> ResourceState:
        if urns.is_provider(case.new.type):
            reference = f"{case.new.urn}::{old.id}"
            with self._telling(case):
                self._deployment.providers.ensure(reference, reveal(old.inputs))
        return self._executor.same(case.task(Op.SAME), old, case.new)

    def _replace(self, case: Case, old: ResourceState, diff: Diff) -> ResourceState:
        task = case.task(Op.CREATE_REPLACEMENT, diff)
        first = case.goal.delete_before_replace
        if old.pending_replacement or (diff.delete_before_replace if first is None else first):
            return self._replacer.delete_first(Replacement(task=task, old=old, new=self._fresh(case.new)))
        return self._replacer.supplant(task, old, self._fresh(case.new))

    def _diff(self, case: Case, old: ResourceState) -> Diff:
        deployment = self._deployment
        new, provider = case.new, case.provider
        if old.taint:
            return Diff(changes=True, replaces=("id",))
        if any(urn in deployment.replaced for urn in new.replace_with):
            return Diff(changes=True, replaces=("replaceWith",))
        if new.deleted_with in deployment.replaced:
            return Diff(changes=True, replaces=("deletedWith",))
        if old.custom != new.custom or self._provider_replaces(old, new):
            return Diff(changes=True, replaces=("provider",))
        if provider is None:
            return component_diff(old.inputs, new.inputs)
        before = Created(id=old.id, outputs=reveal(old.outputs))
        resource = self._deployment.resource(new)
        return provider.diff(resource, old.id, before, reveal(old.inputs), reveal(new.inputs))

    def _provider_replaces(self, old: ResourceState, new: ResourceState) -> bool:
        """Whether another provider, or another configuration of it, can't manage what the old one made."""
        deployment = self._deployment
        if old.provider == new.provider or urns.is_provider(new.type):
            return False
        if not (old.provider and new.provider):
            return bool(old.provider or new.provider) and new.custom
        old_urn, new_urn = urns.split_reference(old.provider)[0], urns.split_reference(new.provider)[0]
        if deployment.aliased.get(old_urn) == new_urn:
            return False
        before, after = deployment.olds.get(old_urn), deployment.news.get(new_urn)
        if before is None or after is None:
            return True
        diff = deployment.providers.of(new.provider).diff_config(reveal(before.inputs), reveal(after.inputs))
        return bool(diff.replaces)

    def _permit(self, case: Case, old: ResourceState, diff: Diff) -> None:
        """Refuse a replacement that the program forbids; in a preview go on, so that everything is seen at once."""
        deployment, urn = self._deployment, case.new.urn
        if case.new.protect and old.protect:
            deployment.reporter.error(
                f"resource {urn!r} has to be replaced but is protected; remove `protect` from it and run up first", urn
            )
            if not deployment.preview:
                deployment.fail()
                raise StepFailedError(urn)
        if case.goal.import_id:
            message = f"a resource with an import id can't be replaced ({', '.join(diff.replaces)} changed); " + (
                "remove `import_` from it, or make its inputs those of the imported resource"
            )
            if not deployment.preview:
                raise self._refuse(urn, message)
            deployment.reporter.say(Severity.WARNING, message, urn)

    def _import(self, case: Case) -> Case:
        """Take over what exists; what the program wants of it follows as an update."""
        goal, old = case.goal, case.old
        self._decide(case.new.urn, replaced=old is not None)
        new = case.new if old is None else self._fresh(case.new)
        task = replace(case.task(Op.IMPORT if old is None else Op.IMPORT_REPLACEMENT), new=new)
        found = self._reader.find(task, new)
        if old is not None:
            self._replacer.pend(old)
            self._executor.note(case.task(Op.REPLACE))
        drafted = goal.draft(found.urn, found.key, found, "")
        return replace(case, old=found, new=replace(drafted, import_id=new.import_id))

    def _decide(self, urn: str, *, replaced: bool = False) -> None:
        with self._deployment.lock:
            self._deployment.decided.add(urn)
            if replaced:
                self._deployment.replaced.add(urn)

    def _fresh(self, new: ResourceState) -> ResourceState:
        """`new` as a record of its own beside the old one."""
        return replace(new, key=self._deployment.ledger.next_key(), id="")

    def _telling(self, case: Case) -> Telling:
        return Telling(self._deployment, case.old, case.new)


def _imports(goal: Goal, old: ResourceState | None) -> bool:
    return old is None or old.external or (old.import_id or old.id) != goal.import_id
