"""The text of `run_state.json`: a line for the run, then one for each stage, and one for each of its instances.

So who lists runs reads a line of each, and who sums them up passes over the instances.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from cineforge.history.run_files import open_regular, read_state
from cineforge.model.errors import StoreDamaged
from cineforge.model.records.run_state import InstanceRecord, InstanceState, RunState
from cineforge.store.layout import STATE_FILE

_STAGES = '"stages":[\n'
_STAGE = '{"stage":'
_INSTANCES = '"instances":[\n'
_END = "]}\n"
_ENTITY = '{"entity":'
#: What follows the record of an instance on its line: the next one, or the ends of its stage and of all.
_LINE_END = re.compile(rb"(,|\]\},|\]\}\]\})$")
#: Holds the first line of any run but those with thousands of words in their command.
_HEAD_BYTES = 8 << 10


@dataclass(slots=True)
class HeldInstance:
    """One instance of a run that goes on: its record or, once that was packed, its text, in a fifth of the memory."""

    state: InstanceState
    record: InstanceRecord | None
    text: str = ""
    cost: Decimal = Decimal(0)

    def read(self) -> InstanceRecord:
        if self.record is not None:
            return self.record
        return InstanceRecord.model_validate_json(self.text)

    def pack(self) -> None:
        if self.record is not None:
            self.text, self.record = self.record.model_dump_json(), None


def state_text(state: RunState, instances: Mapping[str, Sequence[str]] | None = None) -> str:
    """A state as it is written. `instances` are those of each stage as JSON, by default the state's own."""
    stages = []
    for stage in state.stages:
        lines = (
            [each.model_dump_json() for each in stage.instances]
            if instances is None
            else instances.get(stage.stage, ())
        )
        head = stage.model_dump_json(exclude={"instances"})[:-1]
        stages.append(f"{head},{_INSTANCES}" + ",\n".join(lines) + "]}")
    head = state.model_dump_json(exclude={"stages"})[:-1]
    return f"{head},{_STAGES}" + ",\n".join(stages) + _END


def read_head(folder: Path) -> RunState:
    """The state without its stages. Raises StoreDamaged."""
    path = folder / STATE_FILE
    with open_regular(path) as file:
        raw = file.read(_HEAD_BYTES)
        if b"\n" not in raw:
            raw += file.readline()
    head = raw[: raw.find(b"\n") + 1]
    if not head.endswith(_STAGES.encode()):
        return read_state(folder).model_copy(update={"stages": ()})
    return _parsed(path, head + b"]}")


def read_stages(folder: Path) -> RunState:
    """The state without the instances of its stages. Raises StoreDamaged."""
    path = folder / STATE_FILE
    with open_regular(path) as file:
        raw = file.read()
    head = raw[: raw.find(b"\n") + 1]
    if not head.endswith(_STAGES.encode()):  # written before it had lines, or by hand
        return read_state(folder)
    stages = [line + b"]}" for line in _stage_lines(raw)]
    state = _parsed(path, head + b",".join(stages) + b"]}")
    counted = sum(each.totals.calls for each in state.stages)
    if not raw.endswith(_END.encode()) or counted != state.totals.calls:
        raise StoreDamaged(f"{path} cannot be read (it is cut short)")
    return state


def read_some(folder: Path, entities: Iterable[str | None], state: InstanceState) -> RunState:
    """The state with the instances of some entities alone, and all that are in one state. Raises StoreDamaged.

    The others are passed over by the beginnings of their lines: there may be very many.
    """
    with open_regular(folder / STATE_FILE) as file:
        raw = file.read()
    names = {json.dumps(each).encode() for each in entities}
    in_state = f'"state":"{state.value}"'.encode()
    head = raw[: raw.find(b"\n") + 1]
    stages: list[tuple[bytes, list[bytes]]] = []
    for line in raw[len(head) :].splitlines():
        if line.startswith(_STAGE.encode()):
            stages.append((line, []))
        elif stages and (line[len(_ENTITY) : line.find(b",")] in names or in_state in line):
            stages[-1][1].append(_LINE_END.sub(b"", line))
    texts = [line + b",".join(lines) + b"]}" for line, lines in stages]
    if raw.endswith(_END.encode()):
        with suppress(ValidationError):
            return RunState.model_validate_json(head + b",".join(texts) + b"]}")
    return read_state(
        folder
    )  # written before it had lines, or by hand; or damaged, which is told there


def _parsed(path: Path, text: bytes) -> RunState:
    try:
        return RunState.model_validate_json(text)
    except ValidationError as error:
        raise StoreDamaged(f"{path} cannot be read ({error.errors()[0]['msg']})") from error


def _stage_lines(raw: bytes) -> Iterator[bytes]:
    mark = b"\n" + _STAGE.encode()
    at = raw.find(mark)
    while at >= 0:
        end = raw.find(b"\n", at + 1) + 1
        yield raw[at + 1 : end]
        at = raw.find(mark, at + 1)
