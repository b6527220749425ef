"""A project's life so far, and the runs in it, each checked against its plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace

from tests.property.bills import Bills
from tests.property.during import CHANGED, Deed, has_happened, plan
from tests.property.engine import Command, Engine, Outcome
from tests.property.kept import note_kept
from tests.property.plan import check_run, planned, require_exact
from tests.property.project import Inputs, Project
from tests.property.recipes import WHOLE
from tests.property.recorded import check_record


@dataclass
class History:
    """A project, how its runs are carried out, and what has happened in it so far."""

    project: Project
    engine: Engine
    told: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    #: What people had written at each run so far.
    past: list[Inputs] = field(default_factory=list)
    #: Whether people had a say in any content; then equal inputs need not give equal results.
    overruled: bool = False

    def close(self) -> None:
        """Whole runs at the end, after which nothing is left, and all is as if it had been made at once."""
        whole = [WHOLE] if self.project.is_whole else []
        for recipe in (*self.project.recipes, *whole):
            self._run_to_the_end(recipe)
        unexplained = list(self.project.unexplained())
        assert not unexplained, unexplained
        if not self.overruled:
            self._compare_with_a_clean_one()

    def _run_to_the_end(self, recipe: str) -> None:
        """Whole runs, with all that they wait for approved in between."""
        for _ in range(2 + 2 * len(self.project.stages)):
            outcome = self.run_as_planned(Command(recipe=recipe, order=len(self.told)))
            assert outcome == Outcome(), outcome
            waits_for = planned(self.project, Command(recipe=recipe)).waits_for
            if not waits_for:
                return
            self.told.append(f"approve {sorted(waits_for)}")
            approve(self.project, waits_for)
        raise AssertionError(f"it waits for ever for {waits_for}")

    def run_as_planned(self, command: Command) -> Outcome:
        """A run that does what was planned, and that leaves nothing to do."""
        self.told.append(str(command))
        outcome = self._once(command)
        if outcome == Outcome():
            self._nothing_is_left(command.unforced())
        return outcome

    def run_within(self, command: Command) -> None:
        """A run on a budget, which does some of what was planned, and pays no more; the next one does the rest."""
        self.told.append(str(command))
        project = self.project
        plan, attempts, runs = planned(project, command), project.attempts(), project.runs()
        self.engine(project.folder, command)
        new = [project.folder / "runs" / name for name in project.runs() - runs]
        bills = Bills.of(plan, new)
        assert command.budget is not None
        bills.require_within(command.budget)
        assert bills.paid_twice == [], f"paid twice: {bills.paid_twice}"
        called = {label for label, _ in project.attempts()[len(attempts) :]}
        beyond = called - plan.calls - plan.may_call - plan.adopts
        assert {label.partition("/")[0] for label in beyond} <= plan.open_stages, beyond
        self.past.append(deepcopy(project.inputs))
        self.counts["on a budget"] += 1
        self.run_as_planned(replace(command, budget=None))

    def run_with(self, command: Command, call: int, deeds: list[Deed]) -> bool:
        """A run in whose n-th module call something happens, and whether it came to that.

        What a job was planned with it has, or it fails and says so. Later runs, and the comparison with a clean
        project, tell whether all that was published is what its record says.
        """
        project = self.project
        plan(project.folder, call, deeds)
        self.told.append(
            f"{command}, and in module call {call}: {[each.get('typed', each.get('file')) for each in deeds]}"
        )
        runs = project.runs()
        outcome = self.engine(project.folder, command)
        happened = has_happened(project.folder)
        errors = project.errors(project.runs() - runs)
        assert errors or not outcome.failed, outcome
        assert happened or not errors, errors
        for error in errors:
            assert CHANGED in error, error
        self.past.append(deepcopy(project.inputs))
        self.counts["disturbed"] += happened
        self.counts["changed midway"] += len(errors)
        return happened

    def _nothing_is_left(self, again: Command) -> None:
        """The same command has nothing to do; or, where its words now mean more, not for ever."""
        has_gates = any(stage.gate for stage in self.project.stages)
        # What came out as it was approved is read by the next run.
        rounds = len(self.project.stages) if has_gates or _moves_on(again) else 0
        while not (plan := planned(self.project, again)).is_idle:
            if plan.refused and _may_be_gone(again):
                break
            assert rounds, f"after {again} there is still something to do: {plan.text}"
            rounds -= 1
            outcome = self._once(again)
            if outcome != Outcome():
                return
        calls, versions = self.project.attempts(), self.project.versions()
        outcome = self.engine(self.project.folder, again)
        assert bool(outcome.refused) == plan.refused, outcome
        assert not outcome.failed, outcome
        assert self.project.attempts() == calls
        assert self.project.versions() == versions

    def _once(self, command: Command) -> Outcome:
        project = self.project
        plan = planned(project, command)
        attempts, versions, runs = project.attempts(), project.versions(), project.runs()
        outcome = self.engine(project.folder, command)
        began = project.runs() - runs
        made = [*project.attempts()[len(attempts) :], *project.probed(began)]
        called = [label for label, attempt in made if attempt == 1]
        adopted = project.adopted(began)
        check_run(plan, called, adopted, outcome)
        require_exact(plan, project.stages)
        new = [project.folder / "runs" / name for name in began]
        check_record(plan.text, new, outcome, set(called))
        due = Counter({label: project.attempts_due(label) for label in called})
        assert Counter(label for label, _ in made) == due, (made, due)
        assert outcome.failed == {label for label in called if project.fails_for_good(label)}
        if plan.is_idle:
            kinds = {name.split("/")[1] for name in project.versions() - versions}
            assert kinds <= {"project_config"}, kinds
        bills = Bills.of(plan, new)
        assert bills.paid_twice == [], f"paid twice: {bills.paid_twice}"
        if outcome == Outcome() and bills.is_told:
            self.counts["bills"] += 1
            self.counts["bills that held"] += bills.holds
        note_kept(project, command.recipe)
        self.past.append(deepcopy(project.inputs))
        self.counts["runs"] += 1
        self.counts["module calls"] += len(called)
        self.counts["of pure modules, for a plan"] += len(project.probed(began))
        self.counts["retried"] += len(made) - len(called)
        self.counts["adopted"] += len(adopted)
        self.counts["failed"] += len(outcome.failed)
        self.counts["refused"] += bool(outcome.refused)
        return outcome

    def _compare_with_a_clean_one(self) -> None:
        folder = self.project.folder.with_name("clean")
        clean = Project(folder, self.project.stages, deepcopy(self.project.inputs))
        for recipe in clean.recipes:
            self._make_clean(clean, Command(recipe=recipe))
        mine, theirs = self.project.contents(), clean.contents()
        collections = {name for name in mine if ".members" in name}
        assert {n: c for n, c in mine.items() if n not in collections} == {
            n: c for n, c in theirs.items() if ".members" not in n
        }

    def _make_clean(self, clean: Project, command: Command) -> None:
        """Runs until nothing is left: what turns out to wait for nobody when a run has ended is for the next one."""
        for _ in range(2 + 2 * len(clean.stages)):
            outcome = self.engine(clean.folder, command)
            assert outcome == Outcome(), outcome
            plan = planned(clean, command)
            if plan.is_idle and not plan.waits_for:
                return
            if plan.is_idle:
                approve(clean, plan.waits_for)
        raise AssertionError(f"something is always left to do: {plan.text}")


def approve(project: Project, gates: Iterable[str]) -> None:
    """Somebody looks at what others wait for, as far as it has been made: of members, none may be yet."""
    approved = []
    for gate in sorted(gates):
        status, said = project.cineforge("confirm", gate, "--who", "ann", "--why", "fine")
        is_to_be_made = gate.endswith("/*") and "nothing matches" in said
        assert status == 0 or is_to_be_made, said
        if not is_to_be_made:
            approved.append(gate)
    assert approved or not gates, f"it waits for {gates}, and nothing of that is there"


def _moves_on(command: Command) -> bool:
    """Whether what the words mean may be more after the run: health, globs, entities."""
    return command.stale or any("*" in word or _is_entity(word) for word in command.targets)


def _may_be_gone(command: Command) -> bool:
    """Whether the words name what a run may find to be there no more."""
    words = (*command.targets, *command.until, *command.omit_from, *command.forcerun)
    return any("/" in word or _is_entity(word) for word in words)


def _is_entity(word: str) -> bool:
    """Stages and types end in a number."""
    return word.partition(".")[0] in ("a", "b", "c", "d", "x", "y", "z", "red", "blue")
