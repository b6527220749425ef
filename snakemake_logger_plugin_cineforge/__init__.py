"""`snakemake --logger cineforge`: a live view of the run instead of Snakemake's own output.

Snakemake finds logger plugins by the name of this package.
"""

from cineforge.bridge.snakemake.log_handler import LogHandler, LogHandlerSettings

__all__ = ["LogHandler", "LogHandlerSettings"]
