"""Acting from pages: who and why always, the same checks as the commands', and nothing that came meanwhile is lost."""

from __future__ import annotations

import json
from html import unescape

import pytest

from cineforge import Project
from cineforge.model.metadata import Source

from .conftest import VERSE, Pages

UPGRADE = """
from cineforge import upgrade

@upgrade("verse", "1", "2")
def loud(data):
    return {**data, "loud": True}
"""
SAID = {"who": "ida", "why": "it reads better"}


def head(pages: Pages, name: str) -> tuple[str, object]:
    with Project(pages.folder) as film:
        ref = film.ref(name)
        return str(ref), film.show(ref).data


def test_a_form_saves_what_was_edited_with_who_and_why(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1")
    form["f.text"] = "better words"
    form["f.mood"] = '"glad"'
    form["f.tags"] = "one\r\ntwo\r\n"
    answer = pages.post("/edit/verse/verse_1", {**form, **SAID})
    assert answer.headers["location"] == "/artifact/verse/verse_1"
    data = {"text": "better words", "lines": 1, "mood": "glad", "tags": ["one", "two"]}
    assert head(pages, "verse/verse_1") == ("verse/verse_1@2", data)
    with Project(pages.folder) as film:
        made = film.store.metadata(film.ref("verse/verse_1"))
        assert (made.source, made.producing_role, made.rationale) == (
            Source.HUMAN,
            "ida",
            SAID["why"],
        )
        assert str(made.lineage[0].ref) == "verse/verse_1@1"
        assert [file.path for file in made.files] == [
            "odd name é.bin",
            "page.html",
            "pictures/one.png",
        ]
        assert film.status().held == (film.ref("verse/verse_1"),)
    assert "better words" in pages.text("/artifact/verse/verse_1")


def test_a_form_sent_as_it_was_saves_nothing(pages: Pages) -> None:
    pages.post("/edit/verse/verse_1", {**pages.form("/edit/verse/verse_1"), **SAID})
    assert head(pages, "verse/verse_1")[0] == "verse/verse_1@1"


def test_a_form_shows_an_old_payload_as_modules_get_it(pages: Pages) -> None:
    schemas = pages.folder / "schemas" / "artifacts"
    (schemas / "verse.schema.json").write_text(
        json.dumps(VERSE | {"version": 2, "required": ["text", "lines", "loud"]}), encoding="utf-8"
    )
    (schemas / "verse.upgrade.py").write_text(UPGRADE, encoding="utf-8")
    assert "shows it lifted to that of today" in pages.text("/edit/verse/verse_1")
    assert "&#34;loud&#34;: true" in pages.text("/edit/verse/verse_1?json=1")
    form = pages.form("/edit/verse/verse_1")
    assert pages.post("/edit/verse/verse_1", {**form, **SAID}).status_code == 303
    assert head(pages, "verse/verse_1")[0] == "verse/verse_1@1"
    form["f.text"] = "better words"
    assert pages.post("/edit/verse/verse_1", {**form, **SAID}).status_code == 303
    saved, data = head(pages, "verse/verse_1")
    assert (saved, data) == ("verse/verse_1@2", {"text": "better words", "lines": 1, "loud": True})
    assert "shows it lifted" not in pages.text("/edit/verse/verse_1")
    (schemas / "verse.upgrade.py").write_text("not python", encoding="utf-8")
    assert "verse.upgrade.py" in pages.get("/edit/verse/verse_1?version=1").text


def test_errors_stand_beside_their_fields_and_what_was_typed_is_there(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1")
    form["f.lines"] = "-3"
    form["f.text"] = "kept <b>words</b>"
    answer = pages.post("/edit/verse/verse_1", {**form, **SAID})
    assert answer.status_code == 422
    beside = answer.text.partition('id="f.lines"')[2].partition("</div>")[0]
    assert "-3" in beside
    assert "$.lines" in unescape(beside)
    assert "kept &lt;b&gt;words&lt;/b&gt;" in answer.text
    assert "ida" in answer.text
    assert head(pages, "verse/verse_1")[0] == "verse/verse_1@1"


def test_what_is_no_number_is_told_beside_its_field(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1")
    form["f.lines"] = "many"
    answer = pages.post("/edit/verse/verse_1", {**form, **SAID})
    assert answer.status_code == 422
    assert "&#39;many&#39; is no number" in answer.text


@pytest.mark.parametrize("missing", ["who", "why"])
@pytest.mark.parametrize("path", ["/edit/verse/verse_1", "/put", "/say"])
def test_who_and_why_are_always_asked_for(pages: Pages, path: str, missing: str) -> None:
    form = {**pages.form("/edit/verse/verse_1"), **SAID, missing: "  "}
    form |= {
        "type": "verse",
        "entity": "verse_1",
        "data": "{}",
        "do": "hold",
        "ref": "verse/verse_1",
    }
    answer = pages.post(path, form)
    assert answer.status_code in (400, 422)
    assert f"say {missing}" in answer.text
    assert head(pages, "verse/verse_1")[0] == "verse/verse_1@1"


def test_json_is_edited_as_json_with_the_line_of_a_mistake(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1?json=1")
    assert json.loads(form["data"]) == {"text": "words of verse_1", "lines": 1}
    wrong = pages.post("/edit/verse/verse_1", {**form, **SAID, "data": '{\n"text": 1,,\n}'})
    assert wrong.status_code == 422
    assert "line 2" in wrong.text
    twice = pages.post("/edit/verse/verse_1", {**form, **SAID, "data": '{"lines": 1, "lines": 2}'})
    assert "stands twice" in twice.text
    right = pages.post("/edit/verse/verse_1", {**form, **SAID, "data": '{"text": "é", "lines": 2}'})
    assert right.status_code == 303
    assert head(pages, "verse/verse_1") == ("verse/verse_1@2", {"text": "é", "lines": 2})


def test_an_edit_of_what_changed_meanwhile_is_refused_and_shows_both(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1")
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "theirs", "lines": 7}, who="otto", why="quicker")
    form["f.text"] = "mine"
    answer = pages.post("/edit/verse/verse_1", {**form, **SAID})
    assert answer.status_code == 409
    assert "otto" in answer.text
    assert "quicker" in answer.text
    assert "+ theirs" in answer.text
    assert "+ mine" in answer.text
    assert head(pages, "verse/verse_1") == ("verse/verse_1@2", {"text": "theirs", "lines": 7})


def test_what_was_refused_can_be_saved_after_the_other(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1")
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "theirs", "lines": 7}, who="otto")
    again = {"edited": "verse/verse_1@2", "seen": "verse/verse_1@2", "as": "json", **SAID}
    again["data"] = '{"text": "both", "lines": 8}'
    assert pages.post("/edit/verse/verse_1", again).status_code == 303
    assert head(pages, "verse/verse_1")[0] == "verse/verse_1@3"
    assert form["seen"] == "verse/verse_1@1"


def test_files_are_attached_in_the_place_of_others_and_left_off(pages: Pages) -> None:
    form = pages.form("/edit/verse/verse_1") | SAID | {"attach_as": "pictures/one.png"}
    form["detach"] = "page.html"
    answer = pages.post(
        "/edit/verse/verse_1", form, files={"attach": ("C:\\mine\\x.png", b"new ink")}
    )
    assert answer.status_code == 303
    with Project(pages.folder) as film:
        made = film.store.metadata(film.ref("verse/verse_1"))
        assert {file.path: file.size for file in made.files} == {
            "odd name é.bin": 2,
            "pictures/one.png": 7,
        }


@pytest.mark.parametrize("name", ["../../escape.txt", "/etc/escape.txt", "a/../../b", "nul\0"])
def test_no_attached_file_gets_out_of_its_version(pages: Pages, name: str) -> None:
    form = pages.form("/edit/verse/verse_1") | SAID | {"attach_as": name}
    answer = pages.post("/edit/verse/verse_1", form, files={"attach": ("x.txt", b"x")})
    assert answer.status_code == 422
    assert head(pages, "verse/verse_1")[0] == "verse/verse_1@1"
    assert not list(pages.folder.parent.rglob("*escape*"))


def test_a_new_artifact_is_put_from_a_file(pages: Pages) -> None:
    said = {"type": "verse", "entity": "verse_9", **SAID}
    payload = {"payload": ("mine.json", b'{"text": "new", "lines": 0}')}
    refused = pages.post("/put", said, files=payload)
    assert refused.status_code == 422
    assert "tick &#39;It is new&#39;" in refused.text
    assert pages.post("/put", {**said, "new": "1"}, files=payload).status_code == 303
    assert head(pages, "verse/verse_9") == ("verse/verse_9@1", {"text": "new", "lines": 0})


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"type": "verse", "entity": "../x", "data": "{}"}, "not a valid name"),
        ({"type": "vers", "entity": "verse_1", "data": "{}"}, "did you mean"),
        ({"type": "verse", "entity": "verse_1", "data": ""}, "nothing is in it"),
        ({"type": "verse", "entity": "verse_1", "data": '{"lines": 1}'}, "text"),
        ({"type": "assessment", "entity": "a", "data": "{}"}, "kept by CineForge"),
    ],
)
def test_what_cannot_be_put_is_told_as_the_command_tells_it(
    pages: Pages, form: dict[str, str], told: str
) -> None:
    answer = pages.post("/put", {**form, **SAID})
    assert answer.status_code == 422
    assert told in unescape(answer.text)


def test_words_are_said_of_many_at_once_and_each_is_told_what_became_of_it(pages: Pages) -> None:
    refs = ["verse/verse_1@1", "verse/verse_2@1", "verse/verse_8@1", "assessment/x@1"]
    answer = pages.post("/say", {"do": "hold", "ref": refs, **SAID})
    assert answer.status_code == 200
    assert "2 versions done" in answer.text
    assert "there is no artifact &#39;verse/verse_8&#39;" in answer.text
    with Project(pages.folder) as film:
        assert [str(ref) for ref in film.status().held] == refs[:2]


@pytest.mark.parametrize(
    ("do", "health"), [("revise", "needs_revision"), ("confirm", "valid"), ("hold", "valid")]
)
def test_a_word_goes_on_record_with_who_and_why(pages: Pages, do: str, health: str) -> None:
    said = {"do": do, "ref": "verse/verse_1@1", "back": "/artifact/verse/verse_1", **SAID}
    assert pages.post("/say", said).headers["location"] == "/artifact/verse/verse_1"
    with Project(pages.folder) as film:
        found = film.why("verse/verse_1")
        assert found.health.value == health
        word = found.kept_by if do == "hold" else found.assessment
        assert word is not None
        assert (word.who, word.why) == ("ida", SAID["why"])


def test_a_release_frees_what_a_person_made(pages: Pages) -> None:
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "mine", "lines": 1})
    said = {"do": "release", "ref": "verse/verse_1@2", "back": "/", **SAID}
    assert pages.post("/say", said).status_code == 303
    with Project(pages.folder) as film:
        assert film.status().held == ()


def test_a_hold_of_what_is_no_head_any_more_is_refused(pages: Pages) -> None:
    with Project(pages.folder) as film:
        film.put("verse/verse_1", {"text": "newer", "lines": 1})
    said = {"do": "hold", "ref": "verse/verse_1@1", "back": "https://evil.example/", **SAID}
    answer = pages.post("/say", said)
    assert answer.status_code == 409
    assert "is not the head" in answer.text
    assert "evil.example" not in answer.text
