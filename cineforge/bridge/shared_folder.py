"""What an executor takes for granted about a project: that no other host has its folder, that shells read its path."""

from __future__ import annotations

import re
from pathlib import Path

from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from cineforge.model.errors import InvalidName

#: What has a meaning between the double quotes in which executors put a job's script.
_READ_BY_SHELLS = re.compile(r"""["$`\\\x00-\x1f]""")


def assume_shared_folder() -> None:
    """Let `--shared-fs-usage` hold for every executor. To be called while the Snakefile is parsed.

    Executors of a cloud declare that there is no shared file system, whatever is mounted. Snakemake then overrides
    `--shared-fs-usage`, demands a storage provider, and looks for tickets there. Flagging files as `local` is no way
    out: Snakemake runs a job that has such a file in the main process and submits nothing.
    """
    for plugin in ExecutorPluginRegistry().plugins.values():
        plugin.common_settings.implies_no_shared_fs = False


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
