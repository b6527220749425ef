"""Processes that publish and are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore
from tests.patience import PATIENCE

SAID = Provenance(source=Source.AI)
KEYS = [ArtifactKey("scene", f"scene_{n}") for n in range(4)]
PRELUDE = """
import os, signal, sys
from pathlib import Path
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.publishing import batch, sealing, single

store = ArtifactStore(sys.argv[1])
said = Provenance(source=Source.AI)
keys = [ArtifactKey("scene", f"scene_{n}") for n in range(4)]

def publish_all(n):
    store.publish([
        Publication(stage_payload(store.project, key, {"n": n}, {"page": b"x"}, store.owner), said)
        for key in keys
    ])

def die_at(module, name, call):
    # Wraps the function so that the process is killed on entering its nth call.
    inner, calls = getattr(module, name), [0]
    def wrapped(*args, **kwargs):
        calls[0] += 1
        if calls[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*args, **kwargs)
    setattr(module, name, wrapped)
"""


def start(project: Path, body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + body, str(project)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def run_until_killed(project: Path, body: str) -> None:
    process = start(project, body)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL


def leftovers(project: Path) -> list[Path]:
    return [*project.glob("artifacts/*/*/.*"), *project.glob("artifacts/*/.*")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with ArtifactStore(tmp_path) as store:
        for key in KEYS:
            store.save_artifact(*key, {"n": 0}, SAID)
    return tmp_path
