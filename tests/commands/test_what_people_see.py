"""Commands show what they are told and what is stored; the terminal obeys none of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cineforge.store import ArtifactStore
from tests.model.test_visible import is_raw

from .conftest import SAID, Film

HOSTILE = "a\x1b[2J\x1b]52;c;aGFjaw==\x07\rb\x9b31m\u202ec\x7f"
CINEFORGE = str(Path(sys.executable).parent / "cineforge")
QUESTIONS = (
    ("status",),
    ("status", "--json"),
    ("why", "verse/verse_1"),
    ("why", "board"),
    ("history", "tale"),
    ("history", "tale", "--json"),
    ("show", "tale"),
    ("show", "tale", "--meta"),
    ("show", "tale", "--json"),
    ("diff", "tale@1", "tale"),
    ("diff", "tale@1", "tale", "--json"),
    ("lineage", "board"),
    ("at", "2999-01-01"),
    ("verify",),
)


@pytest.fixture
def hostile_film(film: Film) -> Film:
    """A film about which a person has said the worst."""
    payload = film.file(json.dumps({"text": HOSTILE, HOSTILE: [f"{HOSTILE}\nand more"]}))
    film.ask("put", "tale", payload, "--who", HOSTILE, "--why", HOSTILE)
    film.ask("hold", "verse/verse_1", "--who", HOSTILE, "--why", HOSTILE)
    film.ask("revise", "verse/verse_2", "--who", HOSTILE, "--why", HOSTILE)
    film.ask("confirm", "board", "--who", HOSTILE, "--why", HOSTILE)
    return film


@pytest.mark.parametrize("terminal", [False, True])
def test_no_answer_holds_a_control(
    hostile_film: Film, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    if terminal:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setenv("TERM", "dumb")  # no colours: what is raw is not ours
    for question in QUESTIONS:
        said = hostile_film.ask(*question)
        assert not any(map(is_raw, said.out + said.err)), (question, said)
    assert r"\u001b[2J" in hostile_film.ask("history", "tale").out


def test_no_complaint_holds_a_control(film: Film) -> None:
    for words in (
        ("show", HOSTILE),
        ("put", "tale", HOSTILE),
        ("put", "tale", film.file('{"draft": 2'), "--why", HOSTILE),
        ("at", HOSTILE),
        ("runs", "show", HOSTILE),
        ("costs", "--run", HOSTILE),
        ("plan", HOSTILE),
        ("compile", HOSTILE),
    ):
        said = film.ask(*words)
        assert said.status, words
        assert said.err, words
        assert not any(map(is_raw, said.out + said.err)), (words, said)


def test_what_is_shown_of_a_payload_is_its_exact_json(hostile_film: Film) -> None:
    with ArtifactStore(hostile_film.folder) as store:
        data = store.checked_data(store.list_versions("tale")[-1])
    assert json.loads(hostile_film.ask("show", "tale").out) == data
    assert hostile_film.ask("show", "tale", "--json").json["data"] == data
    assert hostile_film.ask("history", "tale", "--json").json[-1]["rationale"] == HOSTILE


def test_messages_and_tables_do_not_repeat_thousands_of_letters(film: Film) -> None:
    essay = "x" * 5000
    with ArtifactStore(film.folder) as store:
        store.save_artifact("tale", None, {"draft": essay}, SAID)
    film.ask("put", "tale", film.file('{"draft": 3}'), "--who", essay, "--why", essay)
    film.ask("revise", "verse/verse_1", "--who", essay, "--why", f"{essay} {essay}")
    for words in (
        ("show", essay),
        ("show", f"tale@{'9' * 5000}"),
        ("at", essay),
        ("at", "9" * 5000),
        ("runs", "show", essay),
        ("confirm", "tale", "--confidence", "9" * 5000),
        (essay,),
        ("history", "tale"),
        ("status",),
        ("why", "verse/verse_1"),
    ):
        said = film.ask(*words)
        assert len(said.out + said.err) < 4000, words
    assert film.ask("history", "tale", "--json").json[-1]["rationale"] == essay


@pytest.mark.slow
def test_a_locale_without_umlauts_gets_an_answer(film: Film) -> None:
    film.ask("put", "tale", film.file('{"draft": "Müller 日本"}'), "--who", "Müller")
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for words in (["show", "tale"], ["history", "tale"], ["show", "tale", "--json"]):
        said = subprocess.run(
            [CINEFORGE, *words, "--directory", film.folder],
            env=plain,
            capture_output=True,
            check=False,
        )
        assert (said.returncode, said.stderr) == (0, b"")
        assert rb"M\u00fcller" in said.stdout


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_that_is_full_is_told_in_one_line(film: Film) -> None:
    for words in (["history", "tale"], ["show", "tale"]):
        with Path("/dev/full").open("w") as full:
            said = subprocess.run(
                [CINEFORGE, *words, "--directory", film.folder],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert said.returncode == 1
        assert said.stderr == "cineforge: standard output: No space left on device\n"
