"""Projects whose jobs can be submitted: executors put the path into scripts, which shells read."""

from __future__ import annotations

import re
from pathlib import Path

from cineforge.model.errors import InvalidName

#: What has a meaning between the double quotes in which executors put a job's script.
_READ_BY_SHELLS = re.compile(r"""["$`\\\x00-\x1f]""")


def require_submittable(project: Path) -> None:
    """Raise InvalidName when the project's path would not reach a job's process as it is.

    `$(...)` in it would even be run. Executors quote their scripts' paths too simply, or leave it to the user.
    """
    found = _READ_BY_SHELLS.search(str(project))
    if found:
        raise InvalidName(
            f"the project's path, {str(project)!r}, holds {found.group()!r}, which the shells that start jobs in other"
            " processes would read as something else: rename the folder, or run without an executor"
        )
