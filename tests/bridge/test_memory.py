"""What a run asks of the C library: its threads take from one pool, so that what one has freed serves the others."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

_THREADS = """
import ctypes, sys, threading
from cineforge.bridge.process.memory import spare_memory

if sys.argv[2] == "sparing":
    spare_memory()
library = ctypes.CDLL(None)
library.fopen.restype = library.malloc.restype = ctypes.c_void_p
all_have = threading.Barrier(4)

def take():
    library.malloc(5000)
    all_have.wait()

threads = [threading.Thread(target=take) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
told = ctypes.c_void_p(library.fopen(sys.argv[1].encode(), b"w"))
library.malloc_info(0, told)
library.fclose(told)
"""


def pools(tmp_path: Path, how: str) -> int:
    """How many pools a process with four threads has."""
    told = tmp_path / how
    subprocess.run([sys.executable, "-c", _THREADS, str(told), how], check=True)
    return told.read_text("utf-8").count("<heap nr=")


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="no GNU C library: nothing is asked"
)
def test_threads_of_a_run_share_one_pool_of_memory(tmp_path: Path) -> None:
    assert pools(tmp_path, "as ever") > 1
    assert pools(tmp_path, "sparing") == 1
