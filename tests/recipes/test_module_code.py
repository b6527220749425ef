"""What belongs to a module's code: a change of it, and of nothing else, is a change of the module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.recipes.trim_module import problems_of, read
from tests.recipes.workshop import Workshop


def digest(shop: Workshop) -> str:
    return read(shop).module.code_digest


@pytest.mark.parametrize("name", ["main.py", "module.yaml", "data/words.json", "new.py"])
def test_a_change_of_any_file_of_the_folder_changes_the_code(
    empty_shop: Workshop, trim: Path, name: str
) -> None:
    (trim / "data").mkdir()
    (trim / "data" / "words.json").write_text("[]")
    before = digest(empty_shop)
    with (trim / name).open("a") as stream:
        stream.write("# more\n")
    assert digest(empty_shop) != before


def test_moving_a_file_changes_the_code(empty_shop: Workshop, trim: Path) -> None:
    (trim / "a.py").write_text("")
    before = digest(empty_shop)
    (trim / "a.py").rename(trim / "b.py")
    assert digest(empty_shop) != before


def test_a_change_of_a_declared_helper_changes_the_code_and_of_others_does_not(
    empty_shop: Workshop, trim: Path
) -> None:
    shared = trim.parents[1] / "shared"
    before = digest(empty_shop)
    (shared / "other.py").write_text("x = 1\n")
    assert digest(empty_shop) == before
    (shared / "measure.py").write_text("WIDTH = 4\n")
    assert digest(empty_shop) != before


def test_compiled_hidden_and_backup_files_are_no_code(empty_shop: Workshop, trim: Path) -> None:
    before = digest(empty_shop)
    (trim / "__pycache__").mkdir()
    # Python writes compiled files under a passing name first.
    for name in ("__pycache__/main.cpython-311.pyc.1234", "main.pyc", ".main.py.swp", "main.py~"):
        (trim / name).write_bytes(b"\0")
    assert digest(empty_shop) == before


@pytest.mark.usefixtures("trim")
def test_the_place_of_the_folder_is_no_code(empty_shop: Workshop) -> None:
    before = digest(empty_shop)
    moved = empty_shop.root.with_name(empty_shop.root.name + "_moved")
    empty_shop.root.rename(moved)
    assert digest(Workshop(moved)) == before


def test_a_link_out_of_the_folder_is_refused(
    empty_shop: Workshop, trim: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.py").write_text("")
    (trim / "inside.py").symlink_to(tmp_path / "outside.py")
    (problem,) = problems_of(empty_shop)
    assert problem.file == str(trim / "inside.py")
    assert "a link out of" in problem.message


def test_a_link_within_the_folder_is_read_as_what_it_points_to(
    empty_shop: Workshop, trim: Path
) -> None:
    (trim / "real.py").write_text("x = 1\n")
    (trim / "link.py").symlink_to("real.py")
    before = digest(empty_shop)
    (trim / "real.py").write_text("x = 2\n")
    assert digest(empty_shop) != before


def test_a_ring_of_links_ends(empty_shop: Workshop, trim: Path) -> None:
    (trim / "again").symlink_to(".")
    before = digest(empty_shop)
    (trim / "again").unlink()
    assert digest(empty_shop) != before


def test_a_pipe_in_the_folder_is_refused_without_waiting(empty_shop: Workshop, trim: Path) -> None:
    os.mkfifo(trim / "pipe")
    (problem,) = problems_of(empty_shop)
    assert problem.message == "not a regular file"


def test_a_helper_that_links_out_of_the_shared_folder_is_refused(
    empty_shop: Workshop, trim: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside.py").write_text("")
    helper = trim.parents[1] / "shared" / "measure.py"
    helper.unlink()
    helper.symlink_to(tmp_path / "outside.py")
    (problem,) = problems_of(empty_shop)
    assert problem.path == "helpers[0]"


@pytest.mark.parametrize(
    "estimate",
    [
        "estimate: {usd: 0.5}\n",
        "estimate:  # of März\n  usd: 0.75  # dear\n  # and many\n  members: 3\n",
        "estimate: {}\n",
        '"estimate": {usd: 1,\n  seconds: 2}\n',
        "estimate: {usd: 1}",
    ],
)
def test_what_a_call_is_estimated_to_cost_is_no_code(
    empty_shop: Workshop, trim: Path, estimate: str
) -> None:
    manifest = trim / "module.yaml"
    text = manifest.read_text().replace("Trims.", "Kürzt.")
    manifest.write_text(text)
    before = digest(empty_shop)
    assert read(empty_shop).module.code.digest_with_estimate is None
    manifest.write_text(text + estimate)
    assert digest(empty_shop) == before
    whole = read(empty_shop).module.code.digest_with_estimate
    assert whole not in (None, before)
    above = text.replace("project_config", estimate.rstrip("\n") + "\nproject_config")
    manifest.write_bytes(b"\xef\xbb\xbf" + above.encode())
    with_mark = digest(empty_shop)
    manifest.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert digest(empty_shop) == with_mark


def test_an_estimate_that_shares_its_lines_is_no_code_either_and_what_it_shares_them_with_is(
    empty_shop: Workshop, trim: Path
) -> None:
    manifest = trim / "module.yaml"
    text = "{module_id: trim_v1, stage: trimming, estimate: {usd: USD}, outputs: [{type: trimmed}], pure: PURE}\n"

    def written(usd: str, pure: str) -> str:
        manifest.write_text(text.replace("USD", usd).replace("PURE", pure))
        return digest(empty_shop)

    assert written("1", "false") == written("2", "false") != written("2", "true")


def test_what_an_estimate_gives_a_name_to_counts_where_that_is_used(
    empty_shop: Workshop, trim: Path
) -> None:
    manifest = trim / "module.yaml"
    text = manifest.read_text().replace("default: 3", "default: *width")

    def written(width: int) -> str:
        manifest.write_text(f"estimate: {{members: &width {width}}}\n{text}")
        return digest(empty_shop)

    assert written(3) != written(4)
