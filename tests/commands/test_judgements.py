"""What people, rules and models say of versions: judgements, holds and releases, typed and from Python."""

from __future__ import annotations

import pytest

from cineforge import Project
from cineforge.model.errors import CineForgeError, NotFound
from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore

from .conftest import SAID, Film


@pytest.mark.parametrize("word", ["confirm", "revise", "hold", "release"])
def test_records_and_the_configuration_are_not_judged(film: Film, word: str) -> None:
    film.ask("hold", "tale")
    with ArtifactStore(film.folder) as store:
        (record,) = store.list_artifacts("hold")
        config = store.save_artifact("project_config", None, {"values": {}}, SAID)
    for name in (str(record), str(config)):
        said = film.ask(word, name)
        assert said.status == 1
        assert "is kept by CineForge itself: nobody judges it or holds it" in said.err


def test_judgements_by_people_rules_and_models_are_records_and_lapse_by_themselves(
    film: Film,
) -> None:
    with Project(film.folder) as project:
        project.store.save_artifact("tale", None, {"draft": 2}, SAID)
        judged = project.confirm("board", by="ai", who="a model", why="same verses", confidence=0.7)
        assert judged.health is ArtifactHealth.CONFIRMED_VALID
        assert [str(ref) for ref in judged.assessment.examined] == ["tale@2"]
        record = project.store.load_artifact(judged.record)
        assert (record.data["by"], record.data["confidence"]) == ("ai", 0.7)
        assert record.metadata.source is Source.AI
        project.store.save_artifact("tale", None, {"draft": 3}, SAID)
        assert project.why("board").health is ArtifactHealth.STALE
        revised = project.revise("board", by="rule", who="page count", why="a page is missing")
        assert revised.health is ArtifactHealth.NEEDS_REVISION
    assert film.ask("why", "board", "--json").json["assessment"]["why"] == "a page is missing"
    said = film.ask("why", "board").out
    assert "board@1 was judged: needs revision, by rule page count: a page is missing" in said
    assert "page count" in film.ask("history", "board").out
    said = film.ask("confirm", "board", "--by", "rule", "--who", "nobody minds", "--json").json
    assert (said["by"], said["health"]) == ("rule", "confirmed_valid")
    assert (said["why"], said["confidence"]) == ("", 1.0)
    assert film.ask("confirm", "board", "--by", "rule").status == 1


def test_wrong_judgements_from_python_say_what_is_right(film: Film) -> None:
    with Project(film.folder) as project:
        for wrong, problem in (
            ({"confidence": 7}, "from 0 to 1"),
            ({"by": "magic"}, "person, rule, ai"),
            ({"by": "ai"}, "say which ai"),
        ):
            with pytest.raises(CineForgeError, match=problem):
                project.confirm("board", **wrong)
        with pytest.raises(NotFound, match="did you mean 'verse/verse_1'"):
            project.hold("verse/verse_11")


def test_heads_are_held_and_released_from_python_as_from_the_command_line(film: Film) -> None:
    with Project(film.folder) as project:
        assert str(project.hold("verse/verse_1", why="approved")) == "verse/verse_1@1"
        assert [str(ref) for ref in project.status().held] == ["verse/verse_1@1"]
        said = film.ask("revise", "verse/verse_1").out
        assert "but it is held" in said
        project.release(ArtifactKey("verse", "verse_1"))
        assert project.status().held == ()
        project.put("verse/verse_1", {"text": "mine"}, who="the writer")
    assert film.ask("hold", "verse/verse_1@1").status == 1
    assert film.ask("release", "verse/verse_1", "--json").json["held"] is False


@pytest.mark.parametrize("word", ["confirm", "hold", "release", "revise"])
def test_a_word_is_said_of_all_that_is_named_or_of_nothing(film: Film, word: str) -> None:
    film.ask("put", "verse/verse_2", film.file('{"text": "mine"}'))
    with ArtifactStore(film.folder) as store:
        before = store.list_artifacts()
    said = film.ask(word, "verse/verse_1", "verse/verse_11", "poem/*", "verse/*@1", "hold/x")
    assert said.status == 1
    told = [
        "there is no artifact 'verse/verse_11': did you mean 'verse/verse_1'?",
        "nothing matches 'poem/*'",
        "'verse/*@1': a glob means heads",
        "there is no artifact 'hold/x'",
    ]
    if word in ("hold", "release"):
        assert "verse/verse_2@1 is not the head" in film.ask(word, "tale", "verse/verse_2@1").err
    if word == "confirm":
        assert "'scone'" in film.ask(word, "verse/*", "--examined", "tale", "scone").err
    assert [each for each in told if each not in said.err] == []
    with ArtifactStore(film.folder) as store:
        assert store.list_artifacts() == before
    said = film.ask(word, "verse/*", "verse/verse_1", "tale", "--who", "ida")
    lines = said.out.splitlines()
    assert len(lines) == 3
    for line, name in zip(lines, ("verse/verse_1", "verse/verse_2", "tale"), strict=True):
        assert name in line
    one, many = (film.ask(word, name, "--json").json for name in ("tale", "tal*"))
    assert [each.keys() for each in many] == [one.keys()]


def test_why_tells_who_keeps_a_head_from_being_replaced(film: Film) -> None:
    assert "held" not in film.ask("why", "tale").out
    film.ask("hold", "tale", "--who", "ida", "--why", "approved")
    assert "  it is held, by ida: approved" in film.ask("why", "tale").out.splitlines()
    said = film.ask("why", "tale", "--json").json
    assert said["held"] == {"who": "ida", "why": "approved", "as": "hold"}
    film.ask("release", "tale")
    assert film.ask("why", "tale", "--json").json["held"] is None
    film.ask("put", "tale", film.file('{"draft": 2}'), "--who", "bob", "--why", "better")
    assert "  it is held, made by bob: better" in film.ask("why", "tale").out.splitlines()
    with Project(film.folder) as project:
        assert project.why("tale@1").kept_by is None
