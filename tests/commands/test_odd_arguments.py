"""What is no ordinary file as an argument is refused at once; nothing is written through what was planted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cineforge.commands.main import main
from cineforge.store.disk import safe_files


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert main(["init", str(tmp_path / "film"), "--recipe", "echo"]) == 0
    return tmp_path / "film"


@pytest.mark.parametrize("kind", ["pipe", "endless", "huge"])
def test_put_refuses_what_is_no_ordinary_file(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    odd = tmp_path / "odd"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "endless":
        odd.symlink_to("/dev/zero")
    else:
        with odd.open("wb") as file:
            file.truncate(1 << 42)
    words = ["put", "--directory", str(project), "scene", "a", str(odd), "--new", "--why", "mine"]
    status = main(words)
    assert status != 0
    assert "odd" in capsys.readouterr().err
    assert not (project / "artifacts" / "scene" / "a" / "v0001").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["page", "-o"],
        ["graph", "-o"],
        ["compile", "-o"],
        ["plan", "--out"],
        ["drafts", "a.fountain", "b.fountain", "--html"],
    ],
    ids=lambda words: words[0],
)
def test_what_is_no_regular_file_is_not_replaced_by_what_a_command_writes(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As root, a page in the place of `/dev/null` would be in the way of every program."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name, message in (
        ("pipe", "no regular file"),
        ("link", "no regular file"),
        ("/dev/stdout", "no regular file"),
        ("", "a folder"),
    ):
        with pytest.raises(SystemExit):
            main([*words, str(tmp_path / name)])
        assert message in capsys.readouterr().err
    assert (tmp_path / "pipe").is_fifo() and (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(
    "words",
    [
        ["init", "film", "--recipe", "screenplay", "--story", "pipe.fountain"],
        ["drafts", "pipe.fountain", "pipe.fountain"],
    ],
    ids=lambda words: words[0],
)
def test_a_script_that_is_no_ordinary_file_is_told_as_that(
    tmp_path: Path,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.fountain")
    assert main(words) != 0
    assert "'pipe.fountain' is not an ordinary file" in capsys.readouterr().err


def test_put_takes_a_link_to_a_file(tmp_path: Path) -> None:
    from cineforge.commands.put import read_json

    (tmp_path / "it.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "link.json").symlink_to("it.json")
    assert read_json(str(tmp_path / "link.json")) == [1]


@pytest.mark.parametrize(
    "place",
    [
        "Snakefile",
        "profiles",
        "profiles/default",
        "profiles/default/config.yaml",
        "config.yaml",
        "config.yaml.new",
        "story.fountain",
    ],
)
def test_init_writes_through_no_planted_link(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("a person's own", encoding="utf-8")
    story = tmp_path / "story.fountain"
    story.write_text("INT. HOUSE - DAY\n\nHello.\n", encoding="utf-8")
    planted = tmp_path / "film" / place
    planted.parent.mkdir(parents=True)
    planted.symlink_to(
        outside if place.startswith("profiles") and "yaml" not in place else outside / "file"
    )
    main(["init", str(tmp_path / "film"), "--recipe", "screenplay", "--story", str(story)])
    assert [each.name for each in outside.iterdir()] == ["file"]
    assert (outside / "file").read_text(encoding="utf-8") == "a person's own"


def test_what_is_read_whole_is_read_to_the_limit_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_files, "LIMIT", 10)
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert safe_files.read_regular(path) == b"x" * 10
    path.write_bytes(b"x" * 11)
    with pytest.raises(OSError, match="at most 10 are read"):
        safe_files.read_regular(path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--budget", "-1"], "--budget: -1 US dollars: it must not be below zero; write an"),
        (["run", "--budget", "-.5"], "--budget: -.5 US dollars: it must not be below zero; write"),
        (
            ["run", "--confirm-above=-5"],
            "--confirm-above: -5 US dollars: it must not be below zero",
        ),
        (["run", "--budget=much"], "--budget: write an amount of US dollars, such as 2.50"),
        (["run", "--budget", "-c2"], "--budget needs a value; one that begins with '-' is written"),
        (["run", "--run-id", "-x"], "one that begins with '-' is written --run-id=VALUE"),
        (["run", "--rerun-triggers", "--force"], "--rerun-triggers needs the names of triggers"),
        (["confirm", "tale", "--why", "-dark"], "is written --why=VALUE"),
        (["plan", "--until", "-x"], "is written --until=VALUE"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_value_that_begins_with_a_minus_is_told_as_what_it_is(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    try:
        status: object = main([*words, "--directory", str(project)])
    except SystemExit as ended:
        status = ended.code
    assert status
    assert told in capsys.readouterr().err
