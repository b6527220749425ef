"""What executors take for granted of a project's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.bridge.remote.submittable import require_submittable
from cineforge.model.errors import InvalidName


@pytest.mark.parametrize("name", ["$HOME", "$(touch x)", "a`b", 'a"b', "a\\b", "two\nlines"])
def test_a_path_that_the_shell_of_an_executor_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(InvalidName, match="rename the folder"):
        require_submittable(Path("/films") / name / "one")


@pytest.mark.parametrize("name", ["Bob's film", "a b", "per%cent", "{x}", "a!b;c&d", "#1", "ünï"])
def test_other_paths_are_handed_on_as_they_are(name: str) -> None:
    require_submittable(Path("/films") / name)
