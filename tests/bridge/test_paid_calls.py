"""A paid call is on the disk before its module goes on, and is given back when that tries again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from cineforge.bridge.remote.job_process import JobProcess
from cineforge.commands.main import main
from cineforge.deciding.facts.adoption import cost_of_version
from cineforge.deciding.instance import Instance
from cineforge.history.budgets import Budget
from cineforge.history.reading.samples import find_samples
from cineforge.model.errors import BudgetSpent, ModuleFailed
from cineforge.model.metadata import CostRecord, Parent, Provenance, Source
from cineforge.model.records import run_events as ev
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.load import load_recipe
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore
from tests.e2e.workshop import write_module, write_recipe

from .film import Film, Run

SONG = Instance("sing")
SING: dict[str, Any] = {
    "stage": "sing",
    "outputs": [{"type": "song"}],
    "parameters": {
        "type": "object",
        "properties": {"key": {"type": "string", "default": ""}},
    },
}
SING_CODE = """
def pay(context, answer):
    (Path(__file__).parents[3] / "calls.txt").open("a").write(str(answer)[:20] + "\\n")
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    return answer

def run_module(inputs, params, project_config, context):
    verse = context.remember("verse", lambda: pay(context, {"words": ("la", 1)}))
    tape = context.remember("tape", lambda: pay(context, b"\\x00\\xff"))
    assert verse == {"words": ["la", 1]} and tape == b"\\x00\\xff"
    trouble = Path(__file__).parents[3] / "trouble"
    if trouble.exists():
        exec(trouble.read_text())
    return ModuleResult(outputs={"song": Output(data=verse, files=(context.attach("a.wav", tape),))})
"""
FITS = {"type": "object", "required": ["words"]}
MISFIT = {"type": "object", "properties": {"words": {"type": "string"}}}
KILL = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def film(tmp_path: Path) -> Film:
    film = Film(tmp_path / "film", [], [])
    write_module(film.folder, "sing_v1", SING, SING_CODE)
    write_recipe(film.folder, [{"id": "sing", "module": "sing_v1"}])
    schema(film, FITS)
    return film


def schema(film: Film, rules: dict[str, Any]) -> None:
    path = film.folder / "schemas/artifacts/song.schema.json"
    path.write_text(json.dumps(rules), encoding="utf-8")


def trouble(film: Film, code: str) -> None:
    (film.folder / "trouble").write_text(code, encoding="utf-8")


def at_peace(film: Film) -> None:
    (film.folder / "trouble").unlink()


def paid(film: Film) -> int:
    try:
        return len((film.folder / "calls.txt").read_text().splitlines())
    except FileNotFoundError:
        return 0


def sung(film: Film, run_id: str, **asked: Any) -> Run:
    """A run that makes the song and has ended; a failure passes."""
    run = film.run(run_id, **asked)
    run.targets("sing")
    if run.number(SONG) is None:
        run.session.close()
        return run
    try:
        if asked.get("remote"):
            run.inputs(SONG)
            elsewhere(film, run).run(SONG, run.number(SONG) or 0, attempt=1)
        else:
            run.do(SONG)
    except ModuleFailed as error:
        film.said.append(str(error))
    run.session.close()
    return run


def elsewhere(film: Film, run: Run) -> JobProcess:
    recipe = film.recipe
    folder = run.session.context.folder
    return JobProcess(film.folder, folder, lambda: recipe, (film.folder,), film.said.append)


def given_back(run: Run) -> list[tuple[int, float]]:
    return [(each.calls, each.saved_usd) for each in run.events() if isinstance(each, ev.GivenBack)]


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
@pytest.mark.parametrize("code", ["raise ValueError('no')", KILL], ids=["error", "kill"])
def test_after_a_failure_or_a_kill_nothing_is_paid_again(
    film: Film, code: str, remote: bool
) -> None:
    trouble(film, code)
    first = sung(film, "monday", remote=remote)
    assert paid(film) == 2 and given_back(first) == []
    at_peace(film)
    second = sung(film, "tuesday", remote=remote)
    assert paid(film) == 2
    assert given_back(second) == [(2, 0.5)]
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("song", None))
    assert head is not None
    assert store.load_data(head) == {"words": ["la", 1]}
    told = [call.estimated_cost_usd for call in store.metadata(head).cost]
    assert told == [0.25, 0.25], "the version tells what it cost, whenever that was paid"


def test_a_payload_that_does_not_fit_is_kept_and_can_be_corrected_and_put(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    schema(film, MISFIT)
    sung(film, "monday")
    (said,) = film.said
    assert "runs/monday/unpublished/" in said and "'cineforge put TYPE ENTITY FOLDER'" in said
    folder = film.folder / "runs/monday/unpublished/song/_"
    assert json.loads((folder / "data.json").read_text()) == {"words": ["la", 1]}
    assert (folder / "files/a.wav").read_bytes() == b"\x00\xff"
    (error,) = json.loads((folder / "errors.json").read_text())["errors"]
    assert "$.words" in error
    (folder / "data.json").write_text('{"words": "la"}')
    command = ["put", "song", str(folder), "--directory", str(film.folder), "--why", "corrected"]
    assert main(command) == 0
    assert "song@1" in capsys.readouterr().out
    assert sung(film, "tuesday").data("song") == {"words": "la"}
    assert paid(film) == 2
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("song", None))
    assert head is not None
    assert [file.path for file in store.metadata(head).files] == ["a.wav"]


def test_after_a_change_of_the_schema_what_was_paid_is_given_back(film: Film) -> None:
    schema(film, MISFIT)
    sung(film, "monday")
    schema(film, FITS)
    assert given_back(sung(film, "tuesday")) == [(2, 0.5)]
    schema(film, {**FITS, "title": "A song"})
    third = sung(film, "wednesday")
    assert paid(film) == 2 and given_back(third) == [(2, 0.5)]
    store = film.run("look").session.context.store
    head = store.head(ArtifactKey("song", None))
    assert head is not None and head.version > 1
    assert store.metadata(head).cost == (), "what an earlier version holds is not paid twice"


def test_who_asks_for_it_anew_gets_new_calls_and_they_too_are_paid_once(film: Film) -> None:
    sung(film, "monday")
    assert paid(film) == 2
    trouble(film, KILL)
    sung(film, "tuesday", force_all=True)
    assert paid(film) == 4
    at_peace(film)
    assert given_back(sung(film, "wednesday", force_all=True)) == [(2, 0.5)]
    assert paid(film) == 4
    assert given_back(sung(film, "thursday", force_all=True)) == []
    assert paid(film) == 6


def test_a_remembered_call_that_was_damaged_is_paid_again(film: Film) -> None:
    trouble(film, KILL)
    sung(film, "monday")
    one, other = sorted((film.folder / "artifacts/.remembered").glob("*/*.json"))
    one.write_text(one.read_text().replace('"', "'", 3))
    raw = other.read_bytes()
    other.write_bytes(raw.replace(b"0.25", b"0.35"))
    at_peace(film)
    assert given_back(sung(film, "tuesday")) == []
    assert paid(film) == 4


def test_nothing_is_remembered_through_a_link_that_leads_out(film: Film, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (film.folder / "artifacts").mkdir()
    (film.folder / "artifacts/.remembered").symlink_to(outside)
    sung(film, "monday")
    assert list(outside.iterdir()) == []
    assert any("symbolic link" in said for said in film.said)


@dataclass
class KeyFilm(Film):
    """A film whose recipe takes a key."""

    key: str = "sk-0123456789abcdefghij"

    @property
    def recipe(self) -> ResolvedRecipe:
        path = self.folder / "recipes/made.yaml"
        return load_recipe(path, project=self.folder, variables={"api_key": self.key})


def test_keys_are_not_written_with_what_is_remembered_or_does_not_fit(tmp_path: Path) -> None:
    film = KeyFilm(tmp_path / "film", [], [])
    code = SING_CODE.replace('model="mock"', 'model="mock of " + context._spec.params["key"]')
    code = code.replace("Output(data=verse", "Output(data=params['key']")
    write_module(film.folder, "sing_v1", SING, code)
    stage = {"id": "sing", "module": "sing_v1", "params": {"key": "${api_key}"}}
    write_recipe(film.folder, [stage])
    schema(film, MISFIT)
    sung(film, "monday")
    assert paid(film) == 2
    (kept,) = film.folder.glob("runs/monday/unpublished/song/_/errors.json")
    remembered = list((film.folder / "artifacts/.remembered").glob("*/*.json"))
    assert len(remembered) == 2
    for file in (kept, *remembered, *(film.folder / "runs/monday").glob("*.json*")):
        assert film.key.encode() not in file.read_bytes(), file


def test_failed_attempts_count_in_what_a_call_is_expected_to_cost(film: Film) -> None:
    code = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="mock", input_tokens=10, estimated_cost_usd=0.25)
    if context.attempt < 3 or params["key"]:
        raise RuntimeError("no")
    return ModuleResult(outputs={"song": Output(data={"words": []})})
"""
    write_module(film.folder, "sing_v1", SING, code)
    run = film.run("monday")
    run.targets("sing")
    for attempt in (1, 2):
        with pytest.raises(ModuleFailed):
            run.do(SONG, attempt)
    run.session.close()
    stage = film.recipe.stages["sing"]
    store = film.run("look").session.context.store
    (failed,) = find_samples(store, [stage])["sing"]
    assert (failed.usd, failed.calls) == (0.5, 2), "though it has made nothing yet"
    run = film.run("tuesday")
    run.targets("sing")
    for attempt in (1, 2):
        with pytest.raises(ModuleFailed):
            run.do(SONG, attempt)
    run.do(SONG, 3)
    run.session.close()
    store = film.run("look again").session.context.store
    done, failed = find_samples(store, [stage])["sing"]
    assert (done.usd, done.calls, done.tokens) == (0.75, 3, 30)
    assert failed.usd == 0.5


def test_what_a_call_cost_is_known_although_what_it_read_was_deleted(film: Film) -> None:
    film.write()
    with ArtifactStore(film.folder) as store:
        read = store.save_artifact("actor", "ann", "ann", Provenance())
        by = Provenance(
            producing_module="greet_v1",
            source=Source.AI,
            lineage=(Parent(ref=read, role="actor"),),
            cost=(CostRecord(model="mock", estimated_cost_usd=0.25),),
        )
        store.save_artifact("greeting", "ann", "hello", by)
        store.save_artifact("actor", "ann", "Ann", Provenance())
    rmtree(film.folder / "artifacts/actor/ann/v0001")
    with ArtifactStore(film.folder) as store:
        (call,) = find_samples(store, [film.recipe.stages["greet"]])["greet"]
    assert (call.usd, call.size) == (0.25, None)


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
            store.load_data(ref),
            *((store.folder(ref) / "files").iterdir()),
            store.metadata(ref).rationale,
        )
        for ref in store.collection_of(head).refs()
        if ref.artifact_type == "frame"
    }


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
def test_members_that_were_emitted_before_a_kill_are_not_made_again(
    frames: Film, remote: bool
) -> None:
    trouble(frames, "3")
    drawn(frames, "monday", remote=remote)
    assert paid(frames) == 4
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


def test_what_cannot_be_remembered_is_used_all_the_same(film: Film) -> None:
    (film.folder / "artifacts").mkdir()
    (film.folder / "artifacts/.remembered").write_text("somebody's")
    run = sung(film, "monday")
    assert run.data("song") == {"words": ["la", 1]}
    assert any("a paid call could not be remembered: " in said for said in film.said)
