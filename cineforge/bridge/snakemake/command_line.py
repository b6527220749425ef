"""Snakemake's own command line."""

from __future__ import annotations

from snakemake.cli import main as _main


def main() -> None:
    """Run what stands in `sys.argv`; ends the process."""
    _main()
