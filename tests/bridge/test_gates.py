"""A tale that somebody has to approve before its verses are sung: what waits, what goes on, what is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from cineforge.commands.main import main
from cineforge.deciding.instance import Instance
from cineforge.film_page.write_page import PageRequest, film_page
from cineforge.history.run_files import read_state
from cineforge.model.errors import DecisionFailed
from cineforge.model.refs import ArtifactKey
from cineforge.project import Project
from cineforge.running import execute
from tests.in_this_process import InThisProcess
from tests.ui.conftest import TOKEN, Pages, new_client

from .paying_film import elsewhere
from .test_refinement import Tale


class Gated(Tale):
    """The same tale; `doctor` or `split` are to be approved."""

    def gate(self, *stages: str) -> None:
        path = self.folder / "recipes" / "made.yaml"
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
        for stage in recipe["stages"]:
            if stage["id"] in stages:
                stage["gate"] = "approve"
        path.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")

    def confirm(self, name: str) -> None:
        with Project(self.folder) as project:
            project.confirm(name, who="ann", why="I like it")


@pytest.fixture
def tale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gated:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    film = Gated(tmp_path / "film", [], [])
    film.folder.mkdir()
    film.tell()
    film.gate("doctor")
    return film


def test_what_lies_below_waits_until_somebody_confirms_what_was_made(tale: Gated) -> None:
    assert tale.go("first") == ["write", "doctor"]
    waiting = [line for line in tale.said if line.startswith("waiting: ")]
    assert waiting[0] == (
        "waiting: polish, split, sing, until somebody approves tale: 'cineforge confirm tale',"
        " or 'cineforge revise tale' to have it made anew"
    )
    states = {
        each.stage: each.totals.instances for each in read_state(tale.folder / "runs/first").stages
    }
    assert states["sing"] == {"waiting": 1}
    tale.confirm("tale")
    called = tale.go("second")
    assert called[:2] == ["polish", "split"]
    assert called[-1] == "sing"
    assert tale.stale() == []


def test_what_is_there_already_is_kept_meanwhile(tale: Gated) -> None:
    tale.go("first")
    tale.confirm("tale")
    tale.go("second")
    tale.tell(adds=" e")
    tale.gate("doctor")
    assert tale.go("third") == ["doctor"]
    assert tale.now("song")[1] == ["A", "B", "C", "D"]
    tale.confirm("tale")
    tale.go("fourth")
    assert tale.now("song")[1] == ["A", "B", "D", "E"]
    tale.tell()  # as it was approved before
    tale.gate("doctor")
    tale.go("fifth")
    tale.go("sixth")
    assert tale.now("song")[1] == ["A", "B", "C", "D"]


def test_what_is_taken_back_during_a_run_is_read_by_no_job_that_has_yet_to_begin(
    tale: Gated,
) -> None:
    tale.tell()
    tale.gate("shout")
    tale.go("first")
    with Project(tale.folder) as project:
        project.confirm_all(["verse/*"], who="ann")
    run = tale.run("second")
    run.targets("sing")
    with Project(tale.folder) as project:
        project.revise("verse/b", who="ann", why="too loud")
    taken_back = "sing waits until somebody approves verse/b, which is not approved any more"
    with pytest.raises(DecisionFailed, match=taken_back):
        run.do(Instance("sing"))
    tale.confirm("verse/b")
    run.do(Instance("sing"))
    run.session.close()


@pytest.mark.parametrize("gate", ["shout", "split"])
def test_a_job_elsewhere_looks_again_at_what_somebody_has_approved(tale: Gated, gate: str) -> None:
    tale.tell()
    tale.gate(gate)
    tale.go("first")
    approved = {"shout": ["verse/b", "verse/*"], "split": ["split.members"] * 2}[gate]
    with Project(tale.folder) as project:
        project.confirm_all(approved[1:], who="ann")
    run = tale.run("second", remote=True)
    reader = {"shout": Instance("sing"), "split": Instance("shout", "b")}[gate]
    run.targets(reader.stage)
    process, number = elsewhere(tale, run), run.number(reader) or 0
    assert run.inputs(reader) == process.job_inputs(reader, number)
    with Project(tale.folder) as project:
        project.revise(approved[0], who="ann", why="too loud")
    taken_back = (
        f"{reader} waits until somebody approves {approved[0]}, which is not approved any more"
    )
    with pytest.raises(DecisionFailed, match=taken_back):
        process.run(reader, number, attempt=1)
    tale.confirm(approved[0])
    process.run(reader, number, attempt=2)
    run.session.close()


def test_it_can_be_revised_instead(tale: Gated) -> None:
    tale.go("first")
    with Project(tale.folder) as project:
        project.revise("tale", who="ann", why="too short")
    assert tale.go("second") == ["doctor"]
    assert tale.now("tale")[0] == 3
    tale.confirm("tale")
    assert "sing" in tale.go("third")


def test_what_a_person_made_needs_nobodys_word(tale: Gated) -> None:
    tale.go("first")
    tale.put("tale", None, "x y")
    assert tale.go("second")[0] == "split"
    assert tale.now("song")[1] == ["X", "Y"]


def test_a_fan_out_is_approved_as_a_whole(tale: Gated) -> None:
    tale.tell()
    tale.gate("split")
    assert tale.go("first") == ["write", "doctor", "polish", "split"]
    tale.confirm("split.members")
    assert tale.go("second")[-1] == "sing"
    tale.tell(words="b")
    tale.gate("split")
    assert tale.go("third") == ["write", "doctor", "polish", "split"]
    assert tale.now("song")[1] == ["A", "B", "C", "D"]
    tale.confirm("split.members")
    assert tale.go("fourth") == ["sing"]


def test_the_end_of_a_run_names_nothing_that_is_up_to_date_once_more(tale: Gated) -> None:
    tale.tell()
    tale.gate("split")
    tale.go("first")
    tale.confirm("split.members")
    tale.go("second")
    tale.tell(words="b")
    tale.gate("split")
    tale.go("third")
    assert "waiting: sing, until somebody approves split.members" in "\n".join(tale.said)
    tale.tell()
    tale.gate("split")
    tale.said.clear()
    assert tale.go("fourth") == []
    assert not [line for line in tale.said if line.startswith("waiting: ")]
    assert tale.stale() == []
    sing = read_state(tale.folder / "runs/fourth").stages[-1]
    assert (sing.totals.instances, sing.status) == ({"kept": 1}, "kept")
    plan = json.loads((tale.folder / "runs/fourth/plan.json").read_text(encoding="utf-8"))
    (told,) = [each for each in plan["decisions"] if each["instance"] == "sing"]
    assert (told["action"], told.get("gates")) == ("keep", None)


def test_who_reads_all_members_waits_before_it_is_known_which_there_are(tale: Gated) -> None:
    tale.tell()
    tale.gate("shout")
    verses = ["shout/a", "shout/b", "shout/c", "shout/d"]
    assert tale.go("first") == ["write", "doctor", "polish", "split", *verses]
    waiting = [line for line in tale.said if line.startswith("waiting: ")]
    assert waiting[0] == (
        "waiting: sing, until somebody approves verse/a, verse/b, verse/c, verse/d: 'cineforge confirm verse/a',"
        " or 'cineforge revise verse/a' to have it made anew; and so on, 'cineforge status' lists all"
    )
    for verse in "abcd":
        tale.confirm(f"verse/{verse}")
    assert tale.go("second") == ["sing"]
    tale.tell(adds=" e")
    tale.gate("shout")
    assert tale.go("third") == ["doctor", "polish", "split", "shout/e"]
    tale.confirm("verse/e")
    assert tale.go("fourth") == ["sing"]
    assert tale.now("song")[1] == ["A", "B", "D", "E"]


def test_a_target_beyond_a_gate_makes_what_is_above_it_and_says_what_it_waits_for(
    tale: Gated,
) -> None:
    run = tale.run("first")
    paths, _ = run.session.rule_inputs.current_inputs(ArtifactKey("song"))
    assert paths == ["artifacts/tale/_/v0001.doctor.json"] or paths
    run.session.close()
    tale.go("second")
    run = tale.run("third")
    with pytest.raises(DecisionFailed, match="sing waits until somebody approves tale"):
        run.session.rule_inputs.current_inputs(ArtifactKey("song"))
    run.session.close()


def test_status_and_the_page_name_what_waits_and_the_page_takes_the_word(
    tale: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    (tale.folder / "config.yaml").write_text("recipe: made\n", encoding="utf-8")
    tale.go("first")
    pages = Pages(tale.folder, new_client(tale.folder))
    assert pages.get(f"/?token={TOKEN}").status_code == 200
    overview = pages.text("/")
    assert "To be approved" in overview
    assert "tale@2" in overview
    waits = "What reads it waits until somebody confirms it"
    assert waits in pages.text("/artifact/tale/_")
    assert waits not in pages.text("/artifact/tale/_?version=1")
    graph = pages.text("/graph")
    assert "◇ to be approved" in graph
    assert graph.count('<a class="ref" href="/artifact/tale/_?version=2">tale@2</a>') == 1
    plan = pages.text("/run?show=plan")
    assert "A run would call no module: what is to be made waits." in plan
    with Project(tale.folder) as project:
        sent = "".join(film_page(project, PageRequest()))
        assert "To be approved: what reads these waits" in sent
    assert main(["status", "--directory", str(tale.folder)]) == 0
    said = capsys.readouterr().out
    for form in ("mermaid", "dot", "json"):
        assert main(["graph", "--format", form, "--directory", str(tale.folder)]) == 0
        drawn = capsys.readouterr().out
        assert ('"to_approve": 1' if form == "json" else "◇ to be approved") in drawn
    assert main(["graph", "--of", "stages", "--directory", str(tale.folder)]) == 0
    assert 's_doctor["doctor<br/>add_v1<br/>somebody approves it"]' in capsys.readouterr().out
    assert (
        "waits until somebody approves what it reads: polish, split, sing\na run would call no module"
        in said
    )
    word = {"do": "confirm", "ref": "tale@2", "who": "ann", "why": "yes"}
    assert pages.post("/say", word).status_code < 400
    with Project(tale.folder) as project:
        assert project.status().to_approve == ()
    assert waits not in pages.text("/artifact/tale/_")
    assert "to be approved" not in pages.text("/graph")
    assert main(["graph", "--directory", str(tale.folder)]) == 0
    assert "◇" not in capsys.readouterr().out
    assert "sing" in tale.go("second")


def test_many_are_approved_by_one_word_or_none_of_them(
    tale: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    tale.tell()
    tale.gate("shout")
    elsewhere = tale.folder / "films/made.yaml"
    elsewhere.parent.mkdir()
    (tale.folder / "recipes/made.yaml").rename(elsewhere)
    (tale.folder / "config.yaml").write_text("recipes: [films/made.yaml]\n", encoding="utf-8")
    shutil.copy(elsewhere, tale.folder / "recipes")
    tale.go("first")
    (tale.folder / "recipes/made.yaml").unlink()
    with Project(tale.folder) as project:
        assert [str(each) for each in project.status().to_approve] == [
            f"verse/{each}@2" for each in "abcd"
        ]

    def say(*words: str) -> int:
        return main(["confirm", *words, "--directory", str(tale.folder), "--who", "ann"])

    assert say("verse/[ab]", "verse/e", "song/*", "verse/*@1") == 1
    told = capsys.readouterr().err
    for wrong in ("there is no artifact 'verse/e'", "nothing matches 'song/*'", "'verse/*@1': a"):
        assert wrong in told
    with Project(tale.folder) as project:
        assert len(project.status().to_approve) == 4
    assert say("verse/*", "verse/a", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["subject"] for each in told] == [f"verse/{each}@2" for each in "abcd"]
    with Project(tale.folder) as project:
        assert project.status().to_approve == ()
