"""What a run spares: pools of memory for its threads, and bytes of what it holds by the thousands."""

from __future__ import annotations

import ctypes
import pickle
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cineforge.model.refs import ArtifactRef, as_ref, known_ref
from cineforge.running.workers.spec import InputFile

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


def bytes_each(make: Callable[[str], object]) -> float:
    """What one of a thousand objects takes, beside the name that it is made of."""
    names = [f"scene_{number}" for number in range(1000)]
    make(names[0])
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [make(name) for name in names]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / len(kept)


def test_a_reference_that_a_run_holds_takes_half_of_what_pydantic_would_make_of_it() -> None:
    usual: dict[str, Any] = {"artifact_type": "scene", "version": 3}
    few = bytes_each(lambda name: known_ref("scene", name, 3))
    # Python 3.13 lays objects out in another way, in which less is gained.
    share = 0.5 if sys.version_info < (3, 13) else 1.0
    made = bytes_each(lambda name: ArtifactRef.model_construct(entity_id=name, **usual))
    assert few < made * share
    lean, checked = known_ref("scene", "scene_7", 3), as_ref("scene/scene_7@3")
    assert (lean, hash(lean), repr(lean)) == (checked, hash(checked), repr(checked))
    assert lean.model_dump_json() == checked.model_dump_json()
    assert pickle.loads(pickle.dumps(lean)) == lean == lean.but(version=3)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(lean, "version", 4)  # noqa: B010


def test_an_input_that_a_call_is_told_of_takes_no_dictionary_and_no_path() -> None:
    """A gathering call has thousands of them, twice: in the run and in the worker."""
    folder = "/film/artifacts/scene/scene_7/v0001"
    assert bytes_each(lambda name: InputFile(name, name, folder, "digest")) < 120
