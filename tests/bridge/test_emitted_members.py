"""Members of a fan-out are on the disk before the others are made, and are not made again after a failure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cineforge.commands.main import main
from cineforge.deciding.facts.adoption import cost_of_version
from cineforge.deciding.instance import Instance
from cineforge.history.budgets import Budget
from cineforge.history.reading.samples import find_samples
from cineforge.model.errors import BudgetSpent, ModuleFailed
from cineforge.model.refs import ArtifactKey
from tests.bridge.paying_film import (
    at_peace,
    elsewhere,
    given_back,
    paid,
    trouble,
)
from tests.e2e.workshop import write_module, write_recipe

from .film import Film, Run

DRAW: dict[str, Any] = {
    "stage": "draw",
    "outputs": [{"type": "frame", "many": True}, {"type": "list"}],
}
DRAW_CODE = """
HERE = Path(__file__).parents[3]

def run_module(inputs, params, project_config, context):
    trouble = HERE / "trouble"
    after = int(trouble.read_text()) if trouble.exists() else 99
    look = context.remember("look", lambda: pay(context, "look"))
    for n in range(4):
        own = f"frame_{n}"
        if own in context.emitted("frame"):
            continue
        if n == after:
            os.kill(os.getpid(), signal.SIGKILL)
        context.require_budget()
        pay(context, own)
        image = context.attach(own + ".png", own.encode())
        context.emit("frame", own, Output(data={"n": n}, rationale=look, files=(image,)))
    return ModuleResult(outputs={"list": Output(data=look)})

def pay(context, what):
    (HERE / "calls.txt").open("a").write(what + "\\n")
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    return what
"""
FRAMES = Instance("draw")


@pytest.fixture
def frames(tmp_path: Path) -> Film:
    film = Film(tmp_path / "film", [], [])
    write_module(film.folder, "draw_v1", DRAW, DRAW_CODE)
    write_recipe(film.folder, [{"id": "draw", "module": "draw_v1"}])
    return film


def drawn(film: Film, run_id: str, **asked: Any) -> Run:
    run = film.run(run_id, **asked)
    run.targets("draw")
    try:
        if asked.get("remote"):
            run.inputs(FRAMES)
            elsewhere(film, run).run(FRAMES, run.number(FRAMES) or 0, attempt=1)
        else:
            run.do(FRAMES)
    except (ModuleFailed, BudgetSpent) as error:
        film.said.append(str(error))
    run.session.close()
    return run


def members(film: Film) -> dict[str, Any]:
    """The members that the collection names: payload, file, and what was said of them."""
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("draw.members", None))
    if head is None:
        return {}
    return {
        str(ref.entity_id): (
            store.checked_data(ref),
            *((store.folder(ref) / "files").iterdir()),
            store.metadata(ref).rationale,
        )
        for ref in store.collection_of(head).refs()
        if ref.artifact_type == "frame"
    }


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
def test_members_that_were_emitted_before_a_kill_are_not_made_again(
    frames: Film, remote: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    trouble(frames, "3")
    drawn(frames, "monday", remote=remote)
    assert paid(frames) == 4
    assert main(["plan", "--json", "--directory", str(frames.folder)]) == 1
    assert json.loads(capsys.readouterr().out)["forecast"]["paid_before_usd"] == 1.0
    home = next((frames.folder / "artifacts/.remembered").glob("*/emitted/frame"))
    (home / ".frame_3.json.123-456").write_text("half of")
    second = drawn(frames, "tuesday", remote=remote)
    assert list(home.glob(".*")) == [], "what was being written is swept"
    assert paid(frames) == 4, "killed before the first that is missing"
    at_peace(frames)
    third = drawn(frames, "wednesday", remote=remote)
    assert paid(frames) == 5
    assert given_back(second) == [(1, 0.25)] and given_back(third) == [(4, 1.0)]
    found = members(frames)
    assert list(found) == [f"frame_{n}" for n in range(4)]
    for n in range(4):
        data, image, said = found[f"frame_{n}"]
        assert data == {"n": n} and image.read_bytes() == f"frame_{n}".encode() and said == "look"
    store = frames.run("look again").session.context.store
    head = store.head(ArtifactKey("draw.members", None))
    assert head is not None and len(store.metadata(head).cost) == 5


def test_who_asks_for_members_anew_gets_none_of_those_that_are_published(frames: Film) -> None:
    drawn(frames, "monday")
    assert paid(frames) == 5
    trouble(frames, "2")
    drawn(frames, "tuesday", force_all=True)
    assert paid(frames) == 8
    at_peace(frames)
    drawn(frames, "wednesday", force_all=True)
    assert paid(frames) == 10


def test_what_adopted_members_had_cost_is_saved_and_is_no_price_of_nothing(frames: Film) -> None:
    drawn(frames, "monday")
    write_module(frames.folder, "draw_v1", DRAW, DRAW_CODE.replace('{"n": n}', '{"n": -n}'))
    drawn(frames, "tuesday")
    write_module(frames.folder, "draw_v1", DRAW, DRAW_CODE)
    drawn(frames, "wednesday")
    assert paid(frames) == 10, "the third time adopted"
    store = frames.run("look").session.context.store
    head = store.head(ArtifactKey("draw.members", None))
    assert head is not None and cost_of_version(store, head) == 1.25
    calls = find_samples(store, [frames.recipe.stages["draw"]])["draw"]
    assert [call.usd for call in calls] == [1.25, 1.25]


def test_a_member_that_was_damaged_or_does_not_fit_any_more_is_made_again(frames: Film) -> None:
    trouble(frames, "3")
    drawn(frames, "monday")
    home = next((frames.folder / "artifacts/.remembered").glob("*/emitted"))
    record = home / "frame/frame_0.json"
    record.write_bytes(record.read_bytes().replace(b'"n": 0', b'"n": 7'))
    digest = json.loads((home / "frame/frame_1.json").read_bytes())["it"]["files"]["frame_1.png"]
    (home / "files" / digest.removeprefix("sha256:")).write_bytes(b"another")
    at_peace(frames)
    drawn(frames, "tuesday")
    assert paid(frames) == 4 + 3
    assert [each[1].read_bytes() for each in members(frames).values()] == [
        f"frame_{n}".encode() for n in range(4)
    ]


def test_a_budget_ends_a_fan_out_between_two_members(frames: Film) -> None:
    for day, calls in (("monday", 2), ("tuesday", 4), ("wednesday", 5)):
        drawn(frames, day, budget=Budget(run=0.5))
        assert paid(frames) == calls
    assert len(members(frames)) == 4


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "context.emit('fame', 'a', Output(data=1))",
            "no output 'fame' that is many: did you mean",
        ),
        ("context.emit('list', 'a', Output(data=1))", "no output 'list' that is many"),
        ("context.emit('frame', 'A', Output(data=1))", "entity id 'A'"),
        ("context.emit('frame', 'a', Output(data=1, files=('x',)))", "never attached"),
        ("[context.emit('frame', 'a', Output(data=1)) for _ in 'ab']", "emitted twice"),
        (
            "context.emit('frame', 'a', Output(data=1)); r = {'frame': {'a': Output(data=1)}}",
            "two members have the id 'a'",
        ),
    ],
)
def test_what_cannot_be_published_cannot_be_emitted(frames: Film, body: str, told: str) -> None:
    code = f"""
def run_module(inputs, params, project_config, context):
    r = {{}}
    {body}
    return ModuleResult(outputs={{"list": Output(data=1), **r}})
"""
    write_module(frames.folder, "draw_v1", DRAW, code)
    drawn(frames, "monday")
    assert told in frames.said[0]


def test_a_member_that_does_not_fit_ends_there_and_is_kept_beside_the_others(frames: Film) -> None:
    path = frames.folder / "schemas/artifacts/frame.schema.json"
    path.write_text('{"properties": {"n": {"maximum": 2}}}')
    drawn(frames, "monday")
    assert "frame/frame_3: $.n: " in frames.said[0] and "is kept in runs/monday/" in frames.said[0]
    kept = frames.folder / "runs/monday/unpublished/frame/frame_3"
    assert (kept / "files/frame_3.png").read_bytes() == b"frame_3"
    path.write_text("{}")
    drawn(frames, "tuesday")
    assert paid(frames) == 6, "the one that did not fit was not kept as a member"
