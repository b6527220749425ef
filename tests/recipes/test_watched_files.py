"""A file that was changed is noticed, also when it looks as before; what changed nothing is passed over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.recipes.modules.watched_files import Watch, watch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text("one")
    return path


def there_and_back(file: Path) -> None:
    before = file.stat()
    file.write_text("two")
    file.write_text("one")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced_and_back(file: Path) -> None:
    aside = file.with_name("aside")
    file.rename(aside)
    file.write_text("two")
    aside.replace(file)


def replaced_by_its_copy(file: Path) -> None:
    shutil.copy2(file, file.with_name("copy"))
    file.with_name("copy").replace(file)


def same_size_and_time(file: Path) -> None:
    before = file.stat()
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [there_and_back, replaced_and_back, replaced_by_its_copy, same_size_and_time, Path.unlink],
)
def test_a_change_is_noticed(file: Path, change: Callable[[Path], None]) -> None:
    watched = watch(file)
    assert watched.is_untouched()
    change(file)
    assert not watched.is_untouched()


def test_reading_it_and_a_hard_link_to_it_change_nothing(file: Path) -> None:
    watched = watch(file)
    file.read_bytes()
    file.with_name("link").hardlink_to(file)
    assert watched.is_untouched()


def test_what_was_changed_and_changed_back_is_looked_at_again(file: Path) -> None:
    looking = Watch()
    first = looking.look(file)
    there_and_back(file)
    second = looking.look(file)
    assert second.digest == first.digest
    assert second.is_untouched()
    assert not first.is_untouched()
