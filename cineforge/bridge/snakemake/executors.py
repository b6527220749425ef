"""What Snakemake's executors assume of the file system."""

from __future__ import annotations

from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry


def assume_shared_folder() -> None:
    """Let `--shared-fs-usage` hold for every executor. To be called while the Snakefile is parsed.

    Executors of a cloud declare that there is no shared file system, whatever is mounted. Snakemake then overrides
    `--shared-fs-usage`, demands a storage provider, and looks for tickets there. Flagging files as `local` is no way
    out: Snakemake runs a job that has such a file in the main process and submits nothing.
    """
    for plugin in ExecutorPluginRegistry().plugins.values():
        plugin.common_settings.implies_no_shared_fs = False
