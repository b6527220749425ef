"""A fan-out that hands members of another on: what each was made from, and how far a change of one reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.refs import ArtifactKey
from cineforge.running import execute
from cineforge.store import ArtifactStore
from tests.e2e.workshop import write_module, write_recipe
from tests.in_this_process import InThisProcess

from .film import Film

PICK = """
def run_module(inputs, params, project_config, context):
    actors = inputs.many("actors")
    return ModuleResult(outputs={
        "part": {n: Output(data=each.data, made_from=(f"actors/{n}",)) for n, each in actors.items()},
        "bill": Output(data=len(actors), made_from=MADE_FROM),
    })
"""
ACT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"act": Output(data=inputs["part"].data + "!")})
"""


class Parade(Film):
    """`cast` names actors, `pick` hands each on as a part and counts them, `play` makes an act of each part."""

    def tell(self, names: str = "ann bob eve", bill: str = '("actors",)') -> None:
        self.write(names=names)
        many = {"actors": {"type": "actor", "many": True}}
        outputs = [{"type": "part", "many": True}, {"type": "bill"}]
        pick = {"stage": "pick", "inputs": many, "outputs": outputs}
        write_module(self.folder, "pick_v1", pick, PICK.replace("MADE_FROM", bill))
        play = {"stage": "play", "inputs": {"part": {"type": "part"}}, "outputs": [{"type": "act"}]}
        write_module(self.folder, "play_v1", play, ACT)
        write_recipe(
            self.folder,
            [
                {"id": "cast", "module": "cast_v1", "params": {"names": names}},
                {"id": "pick", "module": "pick_v1", "needs": ["cast"]},
                {"id": "play", "module": "play_v1", "needs": ["pick"], "for_each": "part"},
            ],
        )

    def go(self, run_id: str) -> dict[str, str]:
        """A whole run; returns how each stage's own work came out."""
        run = self.run(run_id)
        for stage in ("cast", "pick", "play"):
            run.targets(stage)
            for instance in run.session.context.planner.instances(stage)[0]:
                if run.number(instance) is not None:
                    run.do(instance)
        run.session.close()
        return {
            each.stage: each.type for each in run.events() if each.type in ("published", "adopted")
        }

    def stale(self) -> list[str]:
        with ArtifactStore(self.folder, only_look=True) as store:
            return sorted(str(ref) for ref in store.stale())

    def parents(self, artifact_type: str, entity: str | None) -> list[str]:
        with ArtifactStore(self.folder, only_look=True) as store:
            head = store.head(ArtifactKey(artifact_type, entity))
            assert head is not None
            return [str(ref) for ref in store.depends_on(head)]


@pytest.fixture
def parade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Parade:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    film = Parade(tmp_path / "film", [], [])
    film.tell()
    film.go("first")
    return film


def test_a_member_is_sealed_with_what_it_was_made_from_alone(parade: Parade) -> None:
    assert parade.parents("part", "ann") == ["actor/ann@1"]
    assert parade.parents("bill", None) == ["actor/ann@1", "actor/bob@1", "actor/eve@1"]
    assert parade.parents("pick.members", None) == parade.parents("bill", None)


def test_one_change_makes_stale_what_was_made_from_that_alone(parade: Parade) -> None:
    parade.put("actor", "ann", "ann the great")
    assert parade.stale() == ["act/ann@1", "bill@1", "part/ann@1", "pick.members@1"]
    parade.go("second")
    assert parade.stale() == []
    # What was kept stands on what the newest collection says of it, and on no more either.
    parade.put("actor", "bob", "bob the bold")
    assert parade.stale() == ["act/bob@1", "bill@1", "part/bob@1", "pick.members@2"]


def test_who_comes_and_goes_concerns_who_was_made_from_all_alone(parade: Parade) -> None:
    parade.tell("ann bob ida")
    run = parade.run("cast-alone")
    run.targets("cast")
    [cast] = run.session.context.planner.instances("cast")[0]
    run.do(cast)
    run.session.close()
    assert parade.stale() == ["bill@1", "pick.members@1"]
    parade.go("second")
    assert parade.stale() == []


def test_what_is_taken_back_stands_on_its_own_source_again(parade: Parade) -> None:
    parade.tell("ann bob")
    parade.go("second")
    parade.tell("ann bob eve")
    assert parade.go("third")["pick"] == "adopted"
    parade.put("actor", "ann", "ann the great")
    assert parade.stale() == ["act/ann@1", "bill@3", "part/ann@1", "pick.members@3"]


def test_a_member_made_from_what_was_not_read_is_not_published(parade: Parade) -> None:
    parade.tell(bill='("actor/anne", "actors/ann")')
    run = parade.run("second")
    [pick] = run.session.context.planner.instances("pick")[0]
    run.targets("pick")
    said = run.fails(pick)
    run.session.close()
    assert (
        "bill: 'made_from' names 'actor/anne', which was not read: did you mean 'actors/ann" in said
    )
    assert "actors/ann'," not in said
