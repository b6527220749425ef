"""What goes wrong when a command ends is one message like anything else."""

from __future__ import annotations

import errno
import logging
import os
from functools import partial
from pathlib import Path

import pytest
from snakemake import exceptions

from cineforge.bridge.process.errors_at_exit import (
    completed_at_exit,
    exit_on_error,
    message_of_the_system,
    user_message,
    work_in,
)
from cineforge.bridge.snakemake.log import explain_errors
from cineforge.store.disk.durable import CannotWrite, refused


def test_an_end_that_meets_a_full_disk_is_one_message(caplog: pytest.LogCaptureFixture) -> None:
    def end() -> None:
        raise CannotWrite.because(Path("film"), "", full=True)

    def end_otherwise() -> None:
        raise OSError("no space left")

    logging.getLogger("snakemake").propagate = True
    completed_at_exit(end)()
    completed_at_exit(end_otherwise)()
    assert [each.message for each in caplog.records] == [
        "the disk that holds film is full: make room, then do it again",
        "the run's record could not be completed (no space left): the next run does that",
    ]


def test_a_limit_of_the_system_is_no_error_in_cineforge() -> None:
    error = OSError(errno.EMFILE, os.strerror(errno.EMFILE), "film/x")
    said = "film/x: too many files are open at once: raise the limit (ulimit -n), then do it again"
    assert user_message(error) == said
    assert user_message(OSError(errno.EFBIG, "words of our own", "film/x")) is None


def test_what_may_not_be_read_is_no_error_in_cineforge() -> None:
    error = OSError(errno.EACCES, os.strerror(errno.EACCES), "film/artifacts/scene")
    assert user_message(error) == (
        "film/artifacts/scene cannot be used (Permission denied):"
        " look at its permissions and at the disk, then do it again"
    )
    assert user_message(FileNotFoundError(errno.ENOENT, "No such file", "film/x")) is None


def test_a_disk_without_inodes_is_told_from_one_without_space(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = os.statvfs(tmp_path)
    none_left = os.statvfs_result([*found[:6], 0, 0, *found[8:10]])
    monkeypatch.setattr(os, "statvfs", lambda _: none_left)
    said = str(refused(tmp_path, OSError(errno.ENOSPC, "No space left on device")))
    assert "has no inodes left" in said


def test_what_snakemake_meets_in_a_project_that_is_moved_or_full_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        exceptions, "format_exception_to_string", exceptions.format_exception_to_string
    )
    (film := tmp_path / "film").mkdir()
    explain_errors(partial(message_of_the_system, film))

    def printed(error: Exception) -> str:
        caplog.clear()
        logging.getLogger("snakemake").propagate = True
        try:
            raise error
        except Exception as raised:
            exceptions.print_exception(raised)
        return caplog.text

    assert "full" in printed(OSError(errno.ENOSPC, "No space left", str(film / "x")))
    assert "Traceback" in printed(FileNotFoundError(errno.ENOENT, "No such file", "x"))
    before = tmp_path / "before"
    said = printed(FileNotFoundError(errno.ENOENT, "No", str(before / ".snakemake" / "incomplete")))
    assert f"{before} was moved" in said and "Traceback" not in said
    film.rmdir()
    said = printed(FileNotFoundError(errno.ENOENT, "No such file", "x"))
    assert f"{film} was moved or deleted while this command was at work" in said
    assert "Traceback" not in said


def test_what_code_of_ours_misses_in_a_project_that_is_moved_is_told_as_that(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (film := tmp_path / "film").mkdir()
    work_in(film)
    logging.getLogger("snakemake").propagate = True

    @exit_on_error
    def list_modules() -> list[str]:
        return [each.name for each in (film / "modules").iterdir()]

    def said() -> str:
        caplog.clear()
        with pytest.raises(SystemExit):
            list_modules()
        return caplog.text

    assert "an error in CineForge itself" in said()
    film.rename(tmp_path / "elsewhere")
    assert f"{film} was moved or deleted" in said() and "Traceback" not in said()
    film.mkdir()  # as who writes to the old place by its full name does
    assert f"{film} was moved or deleted" in said() and "Traceback" not in said()
