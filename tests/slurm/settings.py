"""The configuration of a cluster of two nodes on one machine, all of it in one folder."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.slurm.packages import program

NODES = ("node1", "node2")
#: What each node says it has; how many there are does not matter on loopback.
CPUS = 4


@dataclass(frozen=True, slots=True)
class ClusterFiles:
    """Where everything of a cluster lies: below one temporary folder, nothing in the system's own."""

    folder: Path

    @property
    def slurm_conf(self) -> Path:
        return self.folder / "slurm.conf"

    @property
    def munge_key(self) -> Path:
        return self.folder / "munge" / "munge.key"

    @property
    def munge_socket(self) -> Path:
        return self.folder / "munge" / "socket"

    @property
    def finished_jobs(self) -> Path:
        """One line for each job that ended, written by slurmctld."""
        return self.folder / "finished_jobs.txt"

    @property
    def started_jobs(self) -> Path:
        """One line for each job that began, written by the node it began on."""
        return self.folder / "started_jobs.txt"

    @property
    def commands(self) -> Path:
        """A folder to put first on PATH."""
        return self.folder / "bin"

    @property
    def prolog(self) -> Path:
        return self.folder / "prolog.sh"

    def log(self, daemon: str) -> Path:
        return self.folder / f"{daemon}.log"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; all different."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def slurm_conf(files: ClusterFiles, host: str, cpus: int, memory_mb: int, ports: list[int]) -> str:
    """The text of slurm.conf. A dead node is noticed within seconds, and its jobs are queued again."""
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port}"
        f" CPUs={cpus} RealMemory={memory_mb} State=UNKNOWN"
        for node, port in zip(NODES, ports[1:], strict=True)
    )
    return f"""\
ClusterName=cineforge
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={files.munge_socket},cred_expire=5
CredType=cred/munge

StateSaveLocation={files.folder}/state
SlurmdSpoolDir={files.folder}/spool/%n
SlurmctldPidFile={files.folder}/slurmctld.pid
SlurmdPidFile={files.folder}/slurmd.%n.pid
SlurmctldLogFile={files.log("slurmctld")}
SlurmdLogFile={files.log("slurmd.%n")}

# Two nodes on one machine, and no right to cgroups.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core

# A node that does not answer for five seconds is down; what ran there is queued again.
SlurmdTimeout=5
MessageTimeout=2
TCPTimeout=1
ReturnToService=2
JobRequeue=1
KillWait=1
SchedulerParameters=sched_interval=1,batch_sched_delay=0

# Without accounting: squeue remembers ended jobs for as long as MinJobAge says.
AccountingStorageType=accounting_storage/none
MinJobAge=3600
JobCompType=jobcomp/filetxt
JobCompLoc={files.finished_jobs}
Prolog={files.prolog}

{nodes}
PartitionName=film Nodes={",".join(NODES)} Default=YES MaxTime=INFINITE State=UP
"""


def prolog(files: ClusterFiles) -> str:
    """What a node does before a job's first process: it says that the job is here."""
    return f"""\
#!/bin/sh
echo "$SLURM_JOB_ID $SLURMD_NODENAME $(date +%s.%N)" >> '{files.started_jobs}'
"""


def srun(files: ClusterFiles, real: str) -> str:
    """A wrapper: the plugin takes all SLURM_* but a few out of srun's environment, SLURM_CONF too."""
    return f"""\
#!/bin/sh
SLURM_CONF='{files.slurm_conf}' exec '{real}' "$@"
"""


def write_files(folder: Path) -> ClusterFiles:
    """Write a new cluster's configuration, with a key for munge, into an empty folder."""
    files = ClusterFiles(folder)
    for name in ("bin", "munge", "state", "spool"):
        (folder / name).mkdir(mode=0o755)  # munged insists that everyone can reach its socket
    files.munge_key.write_bytes(os.urandom(1024))
    files.munge_key.chmod(0o400)
    host = socket.gethostname().split(".")[0]
    ports = free_ports(1 + len(NODES))
    conf = slurm_conf(files, host, CPUS, psutil.virtual_memory().total >> 20, ports)
    files.slurm_conf.write_text(conf, encoding="utf-8")
    _write_script(files.prolog, prolog(files))
    _write_script(files.commands / "srun", srun(files, program("srun")))
    return files


def _write_script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
