"""A run writes only into a folder that it made itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.history.recorder import RunExists, require_unused


def test_the_folder_of_a_run_that_is_there_already_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "monday"
    require_unused(folder)
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "nowhere")
    with pytest.raises(RunExists, match="choose another --run-id"):
        require_unused(folder)
    folder.unlink()
    # Whatever lies in it may lead elsewhere.
    (folder / "jobs").mkdir(parents=True)
    with pytest.raises(RunExists):
        require_unused(folder)
