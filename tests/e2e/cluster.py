"""A cluster of one machine: jobs are submitted by a command, and run in processes of their own, without the index."""

from __future__ import annotations

import atexit
import functools
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

JOBS = Path(__file__).with_name("warm_jobs.py")
#: `$1` is the job's script, as Snakemake writes it.
COLD = 'setsid bash "$1" >> {log} 2>&1 & echo $!'
WARM = """sed 's#[^ ]*python[0-9.]* -m snakemake#{client}#' "$1" > "$1.warm"
setsid bash "$1.warm" >> {log} 2>&1 & echo $!"""


def submitting(folder: Path) -> list[str]:
    """Snakemake's options with which jobs are submitted; what they print is in `jobs.log` of that folder."""
    log = shlex.quote(str(folder / "jobs.log"))
    submit = folder / "submit.sh"
    if os.environ.get("CINEFORGE_TEST_COLD"):
        text = COLD.format(log=log)
    else:
        client = f"{sys.executable} -S -E {JOBS} client {_server()} snakemake"
        text = WARM.format(log=log, client=client)
    submit.write_text(text, encoding="utf-8")
    return [
        "--executor=cluster-generic",
        f"--cluster-generic-submit-cmd=bash {shlex.quote(str(submit))}",
        "--jobs=3",
        "--seconds-between-status-checks=1",
    ]


@functools.cache
def _server() -> str:
    folder = tempfile.TemporaryDirectory(prefix="warm_jobs_")
    place = Path(folder.name) / "socket"
    process = subprocess.Popen(
        [sys.executable, str(JOBS), "server", str(place)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(folder.cleanup)
    atexit.register(process.wait)
    atexit.register(process.kill)
    while not place.exists():
        assert process.poll() is None
        time.sleep(0.05)
    return str(place)
