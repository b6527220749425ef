"""Slurm and munge from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

#: What each program that is needed comes in.
PACKAGES: Mapping[str, str] = {
    "munged": "munge",
    "mungekey": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "srun": "slurm-client",
    "setpriv": "util-linux",
}
#: Debian's daemons lie where an ordinary user's PATH does not lead.
PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])
#: Where a machine's own Slurm is configured.
OWN_CONFIG = (Path("/etc/slurm/slurm.conf"), Path("/etc/slurm-llnl/slurm.conf"))


class NoCluster(Exception):
    """The cluster cannot be had here; the message says why and what to do."""


def program(name: str) -> str:
    """The path of a daemon or command of Slurm's or munge's."""
    found = shutil.which(name, path=PLACES)
    if found is None:
        raise NoCluster(f"`{name}` is not installed; `apt-get install {PACKAGES[name]}`")
    return found


def missing_packages() -> list[str]:
    """The packages of the programs that are not there."""
    lacking = {p for name, p in PACKAGES.items() if shutil.which(name, path=PLACES) is None}
    return sorted(lacking)


def refuse_unless_possible() -> None:
    """Raise `NoCluster` when this user or this machine cannot have the test's cluster."""
    if os.geteuid() != 0:
        raise NoCluster(
            "Slurm's daemons must be started as root: type `sudo make test-slurm`, or run it in a container"
        )
    for config in OWN_CONFIG:
        if config.exists():
            raise NoCluster(
                f"this machine has a Slurm of its own ({config}), which the test leaves alone; "
                "run it on another machine or in a container"
            )


def install() -> None:
    """Install what is missing. Raise `NoCluster` when that is not possible."""
    lacking = missing_packages()
    if not lacking:
        return
    if shutil.which("apt-get") is None:
        raise NoCluster(f"not installed: {', '.join(lacking)}, and there is no apt-get to get them")
    print(f"Installing {', '.join(lacking)} ...", flush=True)
    _apt_get("update")
    _apt_get("install", "--yes", "--no-install-recommends", *lacking)


def _apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", "--quiet=2", *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise NoCluster(f"`apt-get {' '.join(arguments)}` failed:\n{done.stderr.strip()}")
