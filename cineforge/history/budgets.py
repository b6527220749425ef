"""What may still be paid, and who may begin: the budget of a run, and that of all runs of the project.

What was paid is told by the files of paid calls in the runs' logs, each written by one process, on whatever host: so a
kill forgets nothing. What an instance that has begun is expected to pay counts as paid until it has ended.
Whether another may begin is settled under one lock for the whole project, so that two never take the same dollar.
"""

from __future__ import annotations

import fcntl
import functools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from cineforge.history.run_files import run_ids, runs_folder
from cineforge.history.state_file import read_head
from cineforge.model.canonical import parsed_json
from cineforge.model.display.quantities import money
from cineforge.model.errors import BudgetSpent, StoreDamaged
from cineforge.model.refs import Strict
from cineforge.store import layout
from cineforge.store.disk import safe_files
from cineforge.store.disk.durable import explaining, make_folder
from cineforge.store.disk.replacing import replace_file
from cineforge.store.locking.file_lock import lock

_SUFFIX = ".costs.jsonl"
_LOCK = "budget"
#: Sums of floats without their dust.
_DUST = 1e-9


@dataclass(frozen=True)
class Budget:
    """US dollars that this run, and that all runs of the project, may pay; None for any amount."""

    run: float | None = None
    project: float | None = None

    def __bool__(self) -> bool:
        return self.run is not None or self.project is not None


#: Nobody has set one.
NO_BUDGET = Budget()


class _Record(Strict):
    """A budget as the processes of a run's jobs find it. `settled` are the runs that had ended, and paid so much."""

    run: Annotated[float, Field(ge=0)] | None
    project: Annotated[float, Field(ge=0)] | None
    settled_usd: float = 0.0
    settled: tuple[str, ...] = ()


class _Expected(Strict):
    """A line in a file of paid calls: its instance has begun, and is expected to pay this."""

    expected_usd: float


class _Ended(Strict):
    """Another: it has ended, and pays no more."""

    ended: bool


@dataclass(frozen=True)
class _Attempt:
    paid: float = 0.0
    expected: float = 0.0
    ended: bool = False

    @property
    def reserved(self) -> float:
        return 0.0 if self.ended else max(0.0, self.expected - self.paid)


def set_budget(project: Path, run_id: str, budget: Budget) -> None:
    """Write down a run's budget for all its processes. Raises CannotWrite."""
    settled: dict[str, float] = {}
    if budget.project is not None:
        for other in run_ids(project):
            folder = runs_folder(project) / other
            if other != run_id and not (folder / layout.LIVE_FILE).exists():
                with suppress(StoreDamaged):  # it is counted by its files then
                    settled[other] = read_head(folder).totals.cost_usd
    record = _Record(
        run=budget.run,
        project=budget.project,
        settled_usd=math.fsum(settled.values()),
        settled=tuple(settled),
    )
    path = layout.run_folder(project, run_id) / layout.BUDGET_FILE
    with explaining(path):
        replace_file(path, record.model_dump_json())


@functools.lru_cache(maxsize=4)
def purse_of(project: Path, run_id: str) -> Purse | None:
    """The purse of a run that has begun; None for one without a budget."""
    path = layout.run_folder(project, run_id) / layout.BUDGET_FILE
    try:
        return Purse(project, run_id, _Record.model_validate_json(safe_files.read_regular(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StoreDamaged(
            f"{path} cannot be read, so nobody may pay: type the command again"
        ) from error


class Purse:
    """Tells what is left. Every process of a run has its own, and all come to the same."""

    def __init__(self, project: Path, run_id: str, record: _Record) -> None:
        self._project = project
        self._run_id = run_id
        self._record = record
        self._settled = frozenset(record.settled)
        self._seen: dict[str, tuple[int, _Attempt]] = {}

    def admit(self, costs: Path, expected: float | None) -> None:
        """Let an instance begin that is expected to pay so much, if known. Raises BudgetSpent.

        `costs` is where it will write what it pays. What is known to be free may always begin.
        """
        if expected == 0:
            return
        with self._turn():
            begins = costs.name.removesuffix(_SUFFIX).rpartition(".")[0]
            for limit, whose, attempts in self._limits(begins):
                taken = math.fsum(each.paid + each.reserved for each in attempts)
                self._require(limit, whose, taken, expected or 0.0)
            _append(costs, _Expected(expected_usd=expected or 0.0))

    def require_room(self) -> None:
        """Raise BudgetSpent when what was paid leaves nothing for one more call."""
        for limit, whose, attempts in self._limits():
            self._require(limit, whose, math.fsum(each.paid for each in attempts), 0.0)

    def _require(self, limit: float, whose: str, taken: float, expected: float) -> None:
        if taken + _DUST < limit and taken + expected <= limit + _DUST:
            return
        left = max(0.0, limit - taken)
        if expected and left:
            why = f"of which {money(left)} is left, and {money(expected)} is expected to be paid"
        else:
            why = "which is spent"
        raise BudgetSpent(f"left out for the budget of {money(limit)} {whose}, {why}")

    def _limits(self, begins: str = "") -> Iterator[tuple[float, str, list[_Attempt]]]:
        own = self._attempts(self._run_id, begins)
        if self._record.run is not None:
            yield self._record.run, "for this run", own
        if self._record.project is not None:
            others = [each for other in self._others() for each in self._attempts(other)]
            settled = _Attempt(paid=self._record.settled_usd, ended=True)
            yield self._record.project, "for the project", [settled, *own, *others]

    def _others(self) -> list[str]:
        """The runs that had not ended when this one began, and those begun since."""
        known = {*self._settled, self._run_id}
        with os.scandir(runs_folder(self._project)) as entries:
            return [each.name for each in entries if each.name not in known]

    def _attempts(self, run_id: str, begins: str = "") -> list[_Attempt]:
        """All of a run. `begins` names the instance of which another attempt begins now: those before have ended."""
        folder = layout.run_folder(self._project, run_id) / layout.LOGS
        by_instance: dict[str, dict[int, _Attempt]] = {}
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
            for each in entries:
                name, _, number = each.name.removesuffix(_SUFFIX).rpartition(".")
                if each.name.endswith(_SUFFIX) and number.isdecimal():
                    attempt = self._read(f"{run_id}/{each.name}", each)
                    by_instance.setdefault(name, {})[int(number)] = attempt
        # Of what is tried again the attempt before has ended, whoever was killed in it.
        return [
            attempt if number == max(attempts) and name != begins else replace(attempt, ended=True)
            for name, attempts in by_instance.items()
            for number, attempt in attempts.items()
        ]

    def _read(self, name: str, entry: os.DirEntry[str]) -> _Attempt:
        size = entry.stat(follow_symlinks=False).st_size
        known = self._seen.get(name)
        if known is None or known[0] != size:
            known = self._seen[name] = size, _read(Path(entry.path))
        return known[1]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        folder = self._project / layout.LIVE
        layout.require_inside(self._project, folder)
        with explaining(folder):
            make_folder(folder)
            path = folder / _LOCK
            descriptor = safe_files.open_append(path)
        try:
            with explaining(path):
                lock(descriptor, path, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def note_ended(costs: Path) -> None:
    """Say that an instance has ended, so that what it was expected to pay besides is free again."""
    with suppress(OSError):
        if costs.exists():
            _append(costs, _Ended(ended=True))


def _append(path: Path, line: Strict) -> None:
    with explaining(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = safe_files.open_append(path)
        try:
            os.write(descriptor, line.model_dump_json().encode() + b"\n")
        finally:
            os.close(descriptor)


def _read(path: Path) -> _Attempt:
    paid: list[float] = []
    expected, ended = 0.0, False
    try:
        lines = safe_files.read_regular(path).splitlines()
    except OSError:
        return _Attempt()
    for line in lines:
        try:
            data = parsed_json(line)
        except ValueError:  # cut short by a crash
            continue
        match data:
            case {"estimated_cost_usd": float() | int() as usd, "model": str()}:
                paid.append(float(usd))
            case {"expected_usd": float() | int() as usd}:
                expected, ended = float(usd), False
            case {"ended": True}:
                ended = True
    return _Attempt(math.fsum(paid), expected, ended)
