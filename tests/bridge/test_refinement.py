"""A script that a module writes and two others refine, and its scenes, refined one by one: whose version is whose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.instance import Instance
from cineforge.deciding.reasons import EVERY_REASON
from cineforge.model.health import Hold, HoldAction
from cineforge.model.refs import ArtifactKey
from cineforge.running import execute
from cineforge.store import ArtifactStore
from tests.e2e.workshop import write_module, write_recipe
from tests.in_this_process import InThisProcess

from .film import Film, Run, text

CODE = """
def run_module(inputs, params, project_config, context):
    context.log.info("called")
    {body}
"""
WRITE = 'return ModuleResult(outputs={"tale": Output(data=params["words"])})'
ADD = 'return ModuleResult(outputs={"tale": Output(data=inputs["tale"].data + params["adds"])})'
SPLIT = 'return ModuleResult(outputs={"verse": {w: Output(data=w) for w in inputs["tale"].data.split()}})'
SHOUT = 'return ModuleResult(outputs={"verse": Output(data=inputs["verse"].data.upper())})'
SING = 'return ModuleResult(outputs={"song": Output(data=[v.data for _, v in sorted(inputs["verses"].items())])})'


class Tale(Film):
    """`write` a tale, let `doctor` and `polish` add to it, `split` it, `shout` each verse, `sing` all of them."""

    def tell(self, words: str = "a b", adds: str = " c", last: str = " d") -> None:
        def module(name: str, body: str, **manifest: Any) -> None:
            write_module(
                self.folder, f"{name}_v1", {"stage": name, **manifest}, CODE.format(body=body)
            )

        def object_of(**values: str) -> dict[str, Any]:
            return {"type": "object", "properties": text(**values)}

        tale, verse = {"tale": {"type": "tale"}}, {"verse": {"type": "verse"}}
        module("write", WRITE, outputs=[{"type": "tale"}], parameters=object_of(words=""))
        refining: dict[str, Any] = {
            "inputs": tale,
            "outputs": [{"type": "tale"}],
            "refines": "tale",
        }
        module("add", ADD, **refining, parameters=object_of(adds=""))
        module("split", SPLIT, inputs=tale, outputs=[{"type": "verse", "many": True}])
        module("shout", SHOUT, inputs=verse, outputs=[{"type": "verse"}], refines="verse")
        many = {"verses": {"type": "verse", "many": True}}
        module("sing", SING, inputs=many, outputs=[{"type": "song"}])
        write_recipe(
            self.folder,
            [
                {"id": "write", "module": "write_v1", "params": {"words": words}},
                # The order is that of the needs; who reads a tale reads what both have made of it.
                {"id": "polish", "module": "add_v1", "needs": ["doctor"], "params": {"adds": last}},
                {"id": "doctor", "module": "add_v1", "needs": ["write"], "params": {"adds": adds}},
                {"id": "split", "module": "split_v1", "needs": ["write"]},
                {"id": "shout", "module": "shout_v1", "needs": ["split"], "for_each": "verse"},
                {"id": "sing", "module": "sing_v1", "needs": ["split"]},
            ],
        )

    def go(self, run_id: str, **asked: Any) -> list[str]:
        """A whole run; the instances whose modules were called. It must do just what was planned."""
        planned = self.planned(**asked)
        run = self.run(run_id, **asked)
        recipe = run.session.context.recipe
        for stage in recipe.stages:  # as Snakemake asks before there is any job
            run.targets(stage)
        for stage in recipe.stages:
            run.targets(stage)
            for instance in run.session.context.planner.instances(stage)[0]:
                if run.number(instance) is not None:
                    run.do(instance)
        run.session.close()
        called = [
            str(Instance(event.stage, event.entity))
            for event in (run.events() if run.session.context.folder.exists() else ())
            if event.type == "job_started"
        ]
        assert set(planned) <= set(called)
        if called:
            assert self.go(f"{run_id}-again") == []
        return called

    def planned(self, **asked: Any) -> list[str]:
        """The instances that are certain to be built."""
        run = self.run("look", executing=False, **asked)
        planner = self.planner(run)
        found = [
            str(each)
            for stage in planner.recipe.stages
            for each in planner.instances(stage)[0]
            if planner.decision_ahead(each).is_final
            and planner.decision(each).action.value == "build"
            and each not in planner.adopted
        ]
        run.session.close()
        return found

    def planner(self, run: Run) -> DryRunPlanner:
        context = run.session.context
        return DryRunPlanner(
            context.recipe, context.world, context.settings.forced, None, EVERY_REASON
        )

    def now(self, artifact_type: str, entity: str | None = None) -> tuple[int, object]:
        """The head's number and its payload."""
        with ArtifactStore(self.folder, only_look=True) as store:
            head = store.head(ArtifactKey(artifact_type, entity))
            assert head is not None
            return head.version, store.checked_data(head)

    def stale(self) -> list[str]:
        with ArtifactStore(self.folder, only_look=True) as store:
            return [str(ref) for ref in store.stale()]


@pytest.fixture
def tale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tale:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    film = Tale(tmp_path / "film", [], [])
    film.folder.mkdir()
    film.tell()
    return film


def test_each_refines_what_the_one_before_has_made_and_others_read_the_last(tale: Tale) -> None:
    called = tale.go("first")
    assert [each for each in called if "/" not in each] == [
        "write",
        "doctor",
        "polish",
        "split",
        "sing",
    ]
    assert tale.now("tale") == (3, "a b c d")
    assert tale.now("verse", "c") == (2, "C")
    assert tale.now("song") == (1, ["A", "B", "C", "D"])
    assert tale.stale() == []


def test_an_edit_of_the_first_is_refined_anew_all_the_way(tale: Tale) -> None:
    tale.go("first")
    tale.tell(words="b e")
    called = tale.go("second")
    assert called == ["write", "doctor", "polish", "split", "shout/e", "sing"]
    assert tale.now("tale") == (6, "b e c d")
    assert tale.now("verse", "b") == (2, "B")
    assert tale.stale() == []


def test_what_refines_a_version_that_is_yet_to_be_made_is_not_told_that_it_is_gone(
    tale: Tale,
) -> None:
    tale.go("first")
    tale.tell(words="b e")
    tale.go("second")
    tale.tell(adds=" x")  # `write` is adopted, what `doctor` makes of it is not known
    run = tale.run("look", executing=False)
    decision = tale.planner(run).decision(Instance("polish"))
    assert decision.pending == (Instance("doctor"),)
    assert [(each.before, each.after) for each in decision.reasons] == [("tale@5", "tale@7")]
    run.session.close()


def test_what_only_one_of_them_does_otherwise_leaves_those_before_it_alone(tale: Tale) -> None:
    tale.go("first")
    tale.tell(last=" f")
    assert tale.go("second") == ["polish", "split", "shout/f", "sing"]
    tale.tell(last=" d")  # an undo is adopted
    assert tale.go("third") == []
    assert tale.now("tale") == (5, "a b c d")
    assert tale.now("song")[1] == ["A", "B", "C", "D"]


def test_a_forced_refinement_refines_what_the_last_one_did(tale: Tale) -> None:
    tale.go("first")
    from cineforge.deciding.selection import Selection

    forced = Selection(stages=frozenset({"doctor"}))
    assert tale.go("second", forced_selection=forced) == ["doctor"]
    assert tale.now("tale") == (5, "a b c d")  # polish took what it had made of the same


def test_what_a_person_put_is_nobodys_to_refine_until_it_is_released(tale: Tale) -> None:
    tale.go("first")
    tale.put("tale", None, "x y")
    assert tale.go("second")[0] == "split"
    assert tale.now("song")[1] == ["X", "Y"]
    release(tale)
    tale.go("third")
    assert tale.now("tale")[1] == "a b c d"


def test_a_persons_tale_is_refined_where_no_stage_writes_one(tale: Tale) -> None:
    write_recipe(
        tale.folder,
        [{"id": "doctor", "module": "add_v1", "store_inputs": ["tale"], "params": {"adds": "!"}}],
    )
    tale.put("tale", None, "x")
    assert tale.go("first") == []  # it is held
    release(tale)
    assert tale.go("second") == ["doctor"]
    assert tale.now("tale") == (2, "x!")
    tale.put("tale", None, "y")
    assert tale.go("third") == []
    release(tale)
    assert tale.go("fourth") == ["doctor"]
    assert tale.now("tale") == (4, "y!")
    assert tale.stale() == []


def release(tale: Tale) -> None:
    with ArtifactStore(tale.folder) as store:
        store.record_hold(
            Hold(
                artifact_type="tale",
                entity_id=None,
                action=HoldAction.RELEASE,
                who="ann",
                why="go on",
            )
        )
