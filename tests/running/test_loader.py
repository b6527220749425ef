"""What runs is what was read: compiled files, times and later edits decide nothing."""

from __future__ import annotations

import importlib.resources
import os
import pickle
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.loader import load_module


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "modules" / "test" / "test_v1"
    folder.mkdir(parents=True)
    return folder


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def edit_unseen(path: Path, old: str, new: str) -> None:
    """Change a file so that neither its size nor its time of modification tells."""
    assert len(old) == len(new)
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def loaded(home: Path, *helpers: Path) -> Any:
    return load_module(read_code(home, helpers))


@pytest.mark.parametrize("name", ["main.py", "near.py", "deep/down.py", "deep/__init__.py"])
def test_code_of_equal_size_and_time_is_other_code(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for each in ("near.py", "deep/down.py", "deep/__init__.py"):
        write(home / each, "SAYS = 'one'\n")
    write(
        home / "main.py",
        "from . import near, deep\nfrom .deep import down\nSAYS = 'one'\n"
        "def said(): return [SAYS, near.SAYS, deep.SAYS, down.SAYS]\n",
    )
    assert loaded(home).said() == ["one"] * 4
    edit_unseen(home / name, "one", "two")
    assert sorted(loaded(home).said()) == ["one"] * 3 + ["two"]


def test_compiled_files_are_neither_read_nor_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    write(home / "main.py", "from . import near\n")
    write(home / "near.py", "SAYS = 'one'\n")
    write(home / "gone.pyc", "not digested, so not importable")
    loaded(home)
    assert not list(home.rglob("__pycache__"))
    write(home / "main.py", "from . import gone\n")
    with pytest.raises(ImportError, match="gone"):
        loaded(home)


def test_what_is_imported_late_is_what_was_read_early(home: Path, tmp_path: Path) -> None:
    helper = write(tmp_path / "modules" / "shared" / "tool.py", "SAYS = 'one'\n")
    write(home / "near.py", "SAYS = 'one'\n")
    write(
        home / "main.py",
        "def said():\n    from .near import SAYS as near\n    from .shared.tool import SAYS as tool\n"
        "    return near + tool\n",
    )
    module = loaded(home, helper)
    write(home / "near.py", "SAYS = 'two'\n")
    helper.unlink()
    assert module.said() == "oneone"


def test_two_states_of_one_module_live_side_by_side(home: Path) -> None:
    write(home / "near.py", "SAYS = 'one'\n")
    write(home / "main.py", "def said():\n    from .near import SAYS\n    return SAYS\n")
    first = loaded(home)
    write(home / "near.py", "SAYS = 'two'\n")
    second = loaded(home)
    assert (first.said(), second.said()) == ("one", "two")


def test_only_declared_helpers_can_be_imported(home: Path, tmp_path: Path) -> None:
    shared = tmp_path / "modules" / "shared"
    declared = write(shared / "tool.py", "from .other import SAYS\n")
    other = write(shared / "other.py", "SAYS = 'one'\n")
    write(home / "main.py", "from .shared.tool import SAYS\n")
    assert loaded(home, declared, other).SAYS == "one"
    with pytest.raises(ModuleNotFoundError, match="other"):
        loaded(home, declared)


def test_links_within_the_folder_are_followed(home: Path) -> None:
    write(home / "real" / "near.py", "SAYS = 'one'\n")
    (home / "also").symlink_to("real")
    (home / "again").symlink_to(".")
    (home / "late.py").symlink_to("real/near.py")
    write(
        home / "main.py",
        "from .also.near import SAYS\nfrom .again.again.real import near\nfrom . import late\n",
    )
    module = loaded(home)
    assert [module.SAYS, module.near.SAYS, module.late.SAYS] == ["one"] * 3


def test_a_traceback_shows_the_lines_that_ran_and_the_users_own_file(home: Path) -> None:
    main = write(home / "main.py", "def fail():\n    raise ValueError('as it was')\n")
    module = loaded(home)
    write(main, "# edited\n# meanwhile\n")
    with pytest.raises(ValueError, match="as it was") as caught:
        module.fail()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno) == (str(main), 2)
    assert frame.line == "raise ValueError('as it was')"


def test_a_module_finds_its_own_files(home: Path) -> None:
    write(home / "parts" / "__init__.py", "")
    write(home / "parts" / "words.txt", "one")
    write(
        home / "main.py",
        "from pathlib import Path\nfrom . import parts\nHERE = Path(__file__)\n",
    )
    module = loaded(home)
    assert home / "main.py" == module.HERE
    assert importlib.resources.files(module.parts).joinpath("words.txt").read_text() == "one"


def test_what_a_module_defines_can_be_pickled(home: Path) -> None:
    write(home / "near.py", "class Said:\n    word = 'one'\n")
    write(home / "main.py", "from .near import Said\n")
    said = pickle.loads(pickle.dumps(loaded(home).Said()))
    assert said.word == "one"


def test_an_import_that_failed_is_tried_from_the_start(home: Path) -> None:
    write(home / "near.py", "COUNT = []\n")
    write(home / "main.py", "from .near import COUNT\nCOUNT.append(1)\nraise OSError(len(COUNT))\n")
    for _ in range(2):
        with pytest.raises(OSError, match="1"):
            loaded(home)
