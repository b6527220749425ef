"""YAML as recipes use it: what is typed is what is read, and every mistake has a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cineforge.model.errors import NotFound, ProblemsFound
from cineforge.recipes.reading.yaml_source import SIZE_LIMIT, load_yaml, parse_yaml


def write(tmp_path: Path, content: str | bytes) -> Path:
    file = tmp_path / "some.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


SURPRISING = """
on off yes no 12:30 2026-01-01 1e3 007 1_000 0x1F 0o7 .5 .inf 1.0e999 = << 1234567890123456789
"""


@pytest.mark.parametrize("typed", SURPRISING.split())
def test_what_looks_special_only_to_yaml_stays_text(tmp_path: Path, typed: str) -> None:
    assert load_yaml(write(tmp_path, f"key: {typed}\n")).data == {"key": typed}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("2.39", 2.39),
        ("1.5e-3", 0.0015),
        ("'12'", "12"),
        ('"true"', "true"),
        ("''", ""),
    ],
)
def test_plain_scalars_have_their_json_type_and_quoted_ones_are_text(
    tmp_path: Path, typed: str, value: object
) -> None:
    read = load_yaml(write(tmp_path, f"key: {typed}\n")).data["key"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_the_text_as_typed(tmp_path: Path) -> None:
    data = load_yaml(write(tmp_path, "on: 1\n12: 2\nnull: 3\n<<: {a: 4}\n")).data
    assert data == {"on": 1, "12": 2, "null": 3, "<<": {"a": 4}}


def test_lines_are_those_of_keys_and_items_and_of_the_nearest_ancestor(tmp_path: Path) -> None:
    document = load_yaml(
        write(tmp_path, "# first\nstages:\n  - id: a\n    needs:\n      - b\n      - c\n")
    )
    assert document.line(("stages",)) == 2
    assert document.line(("stages", 0, "needs")) == 4
    assert document.line(("stages", 0, "needs", 1)) == 6
    assert document.line(("stages", 0, "params", "x")) == 3


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "already there, in line 1"),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "already there, in line 2"),
        ("a: {b: 1, b: 2}\n", 1, "already there, in line 1"),
        ("a: 1\nb: !!python/object/apply:os.system [id]\n", 2, "tag"),
        ("a: 1\nb: !mine x\n", 2, "tag"),
        ("a: *nowhere\n", 1, "alias *nowhere"),
        ("a: 1\nb: &x [*x]\n", 2, "itself"),
        ("a: 1\n? [x, y]\n: 2\n", 2, "plain text"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a:\n\tb: 1\n", 2, "tab"),
        ("a: b: c\n", 1, "quotes"),
        ("a: 1\nb: 'open\n\nc: 2\n", 5, "starts in line 2"),
        ("a: [1,\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "must be a map"),
        ("just words\n", 1, "must be a map"),
        ("", None, "empty"),
        ("# only a comment\n", None, "empty"),
        ("a: 1\nb: \x00\n", 2, "control character"),
        (b"a: 1\nb: \xff\xfe\n", 2, "UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, "UTF-8"),
        ("a: " + "[" * 100_000, 1, "nested deeper"),
        ("a: " + "{x: " * 10_000, 1, "nested deeper"),
        ("a: '" + "x" * SIZE_LIMIT + "'\n", None, "larger than"),
    ],
)
def test_every_mistake_is_reported_with_its_line(
    tmp_path: Path, content: str | bytes, line: int | None, said: str
) -> None:
    file = write(tmp_path, content)
    with pytest.raises(ProblemsFound) as caught:
        load_yaml(file)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(file), line)
    assert said in str(problem)


def test_a_few_lines_of_nested_aliases_cannot_fill_the_memory(tmp_path: Path) -> None:
    lines = ["a0: &a0 [" + "lol," * 50 + "]"]
    for level in range(1, 12):
        lines.append(f"a{level}: &a{level} [" + f"*a{level - 1}," * 50 + "]")
    with pytest.raises(ProblemsFound, match="aliases"):
        load_yaml(write(tmp_path, "\n".join(lines)))


def test_a_modest_alias_repeats_its_anchor(tmp_path: Path) -> None:
    data = load_yaml(write(tmp_path, "a: &x {k: [1, 2]}\nb: *x\n")).data
    assert data["b"] == {"k": [1, 2]}


def test_a_byte_order_mark_and_windows_line_ends_are_harmless(tmp_path: Path) -> None:
    document = load_yaml(write(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n"))
    assert document.data == {"a": 1, "b": 2}
    assert document.line(("b",)) == 2


def test_several_duplicate_keys_are_reported_in_one_go(tmp_path: Path) -> None:
    document = parse_yaml(write(tmp_path, "a: 1\na: 2\nb: {c: 1, c: 2}\n"))
    assert [(its.line, its.path) for its in document.problems] == [(2, "a"), (3, "b.c")]
    assert document.data == {"a": 1, "b": {"c": 1}}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"there is no file .*gone\.yaml"):
        load_yaml(tmp_path / "gone.yaml")


def test_a_folder_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(ProblemsFound, match="not a regular file"):
            load_yaml(path)


def test_control_codes_of_a_file_never_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound) as caught:
        load_yaml(write(tmp_path, '"\\e[31mred": 1\n"\\e[31mred": 2\n'))
    assert "\x1b" not in str(caught.value)
    assert "red" in str(caught.value)


@pytest.mark.parametrize("text", ["", "# later\n", "---\n# later\n...\n", "\ufeff\n", "start:\n"])
def test_a_file_in_which_all_is_optional_may_say_nothing(tmp_path: Path, text: str) -> None:
    assert load_yaml(write(tmp_path, text), all_optional=True).data == {}
    for wrong in ("[]\n", "start\n"):
        with pytest.raises(ProblemsFound, match="must be a map"):
            load_yaml(write(tmp_path, wrong), all_optional=True)
