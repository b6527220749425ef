"""Of a stage whose instances all wait alike, `plan` and `status` say the same as when each of them is asked about."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from cineforge.commands.main import main
from cineforge.deciding.dry_run.make_plan import _Walk
from cineforge.deciding.dry_run.stage_decisions import Alike
from cineforge.model.records.decision_record import Action
from cineforge.project import opening
from tests.e2e.workshop import write_module, write_recipe

from .certified import Stage, film, put, say
from .film import CHOIR_CODE, text

__all__ = ["film"]

TUNE_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"tune": Output(data=params["key"])})
"""
REPLY_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"reply": Output(data=[each.data for each in inputs.values()])})
"""


def compose(film: Stage, key: str = "major") -> None:
    """Whom the cast names also replies, to a tune that is one for all; and all replies make a play."""
    tune: dict[str, Any] = {"stage": "tune", "outputs": [{"type": "tune"}]}
    tune |= {"parameters": {"type": "object", "properties": text(key="")}}
    write_module(film.folder, "tune_v1", tune, TUNE_CODE)
    reads = {"greeting": {"type": "greeting"}, "tune": {"type": "tune"}}
    reply = {"stage": "reply", "inputs": reads, "outputs": [{"type": "reply"}]}
    write_module(film.folder, "reply_v1", reply, REPLY_CODE)
    gathers = {"greetings": {"type": "reply", "many": True}}
    play = {"stage": "play", "inputs": gathers, "outputs": [{"type": "play"}]}
    write_module(film.folder, "play_v1", play, CHOIR_CODE.replace("song", "play"))
    each = {"for_each": "actor"}
    write_recipe(
        film.folder,
        [
            {"id": "cast", "module": "cast_v1", "params": {"names": "names.txt"}},
            {"id": "tune", "module": "tune_v1", "params": {"key": key}},
            {"id": "greet", "module": "greet_v1", "needs": ["cast"], **each},
            {"id": "choir", "module": "choir_v1", "needs": ["greet"]},
            {"id": "reply", "module": "reply_v1", "needs": ["greet", "tune"], **each},
            {"id": "play", "module": "play_v1", "needs": ["reply"]},
        ],
    )


#: What may have happened besides, before the next question.
BESIDES: tuple[Callable[[Stage], object], ...] = (
    lambda _: None,
    lambda film: compose(film, "minor"),
    put,
    say("hold", "play"),
    say("revise", "reply/bob"),
    say("hold", "greeting/bob"),
    say("confirm", "song"),
)
#: Whom the cast names: whether there are others is open as soon as the file is another.
NAMES = ("ann bob cid", "ann bob", "ann bob eve", "bob ann", "ann bob fay")
QUESTIONS = (
    ("plan",),
    ("plan", "--json"),
    ("status",),
    ("status", "--json"),
    ("plan", "made", "reply"),
    ("plan", "made", "--forcerun", "greet"),
    ("plan", "made", "--until", "greet"),
)


def test_what_waits_alike_is_told_as_a_whole_and_the_same(
    film: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told_as_a_whole: list[int] = []
    rest_alike = _Walk._rest_alike

    def checked(walk: _Walk, stage: str) -> Alike:
        found = rest_alike(walk, stage)
        each = found.tell()
        assert found.count == len(each)
        assert all(one.action is Action.UNKNOWN for one in each)
        told_as_a_whole.append(found.count)
        return found

    monkeypatch.setattr(_Walk, "_rest_alike", checked)

    def answer(question: tuple[str, ...]) -> tuple[int, str]:
        status = main([*question, "--directory", str(film.folder)])
        return status, capsys.readouterr().out

    def answers() -> list[tuple[int, str]]:
        return [answer(question) for question in QUESTIONS]

    compose(film)
    for besides, names in zip(BESIDES, cycle(NAMES)):
        film.work()
        for held in ("play", "greeting/ann", "greeting/bob"):
            say("release", held)(film)
        film.work()
        besides(film)
        film.cast(names)
        answered = answers()
        with monkeypatch.context() as patch:
            patch.setattr(opening, "known_before", lambda *_: None)
            anew = answers()
        for question, before, now in zip(QUESTIONS, answered, anew, strict=True):
            assert before == now, f"{question}:\n{before[1]}\n{now[1]}"
    assert len(list(filter(None, told_as_a_whole))) > 9, told_as_a_whole
