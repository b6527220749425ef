"""Work on every version of a large project, on all cores: programs of our own look at folders, none at the index.

A chunk of versions goes to a helper as one line of JSON, and what was found comes back as one. Programs, not
multiprocessing: that would run the script again which somebody's own `import cineforge` stands in.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from cineforge.model.refs import ArtifactRef
from cineforge.store.layout import key_of

#: For fewer versions, to start a helper takes longer than to do without.
MANY = 3000
#: Small enough that neither side waits for the other with a full pipe.
_CHUNK = 200
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from {0} import {1} as work; "
    + ("from cineforge.store.versions.all_cores import serve; serve(sys.argv[2], work)")
)

#: Looks at one version; what it returns must be plain JSON. A function that a helper can import by its name.
Work = Callable[[Path, ArtifactRef], Any]


def on_all_cores(project: Path, refs: Sequence[ArtifactRef], work: Work) -> Iterator[Any]:
    """What `work` returns for each version, in order; by helpers where that is faster."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if count < 2 or len(refs) < MANY or not sys.executable:
        yield from (work(project, ref) for ref in refs)
        return
    chunks = (refs[start : start + _CHUNK] for start in range(0, len(refs), _CHUNK))
    with ExitStack() as ending:
        helpers: queue.SimpleQueue[_Helper] = queue.SimpleQueue()
        for _ in range(count):
            helper = _Helper(project, work)
            ending.callback(helper.end)
            helpers.put(helper)
        threads = ending.enter_context(ThreadPoolExecutor(count))

        def done(chunk: Sequence[ArtifactRef]) -> list[Any]:
            helper = helpers.get()
            try:
                return helper.ask(chunk)
            finally:
                helpers.put(helper)

        # A few ahead, so that what is found does not pile up.
        asked: deque[Future[list[Any]]] = deque(
            threads.submit(done, chunk) for chunk in islice(chunks, 2 * count)
        )
        while asked:
            found = asked.popleft().result()
            asked.extend(threads.submit(done, chunk) for chunk in islice(chunks, 1))
            yield from found


class _Helper:
    """One program. When it cannot be started or dies, its chunks are done here."""

    def __init__(self, project: Path, work: Work) -> None:
        self._project = project
        self._work = work
        self._process: subprocess.Popen[str] | None = None
        start = _START.format(work.__module__, work.__name__)
        words = [sys.executable, "-P", "-c", start, json.dumps(sys.path), str(project)]
        with suppress(OSError):
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )

    def ask(self, chunk: Sequence[ArtifactRef]) -> list[Any]:
        with suppress(OSError, ValueError):
            if self._process is not None and self._process.stdin and self._process.stdout:
                names = [[ref.artifact_type, ref.key.entity_dir, ref.version] for ref in chunk]
                self._process.stdin.write(json.dumps(names) + "\n")
                self._process.stdin.flush()
                found = json.loads(self._process.stdout.readline())
                if isinstance(found, list) and len(found) == len(chunk):
                    return found
        return [self._work(self._project, ref) for ref in chunk]

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()


def serve(project: str, work: Work) -> None:
    """The life of a helper: it ends with its input, so also with the process that asks."""
    signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # no traceback of its own when a person stops the command
    for line in sys.stdin:
        refs = [_ref(*name) for name in json.loads(line)]
        print(json.dumps([work(Path(project), ref) for ref in refs]), flush=True)


def _ref(type_dir: str, entity_dir: str, version: int) -> ArtifactRef:
    key = key_of(type_dir, entity_dir)
    return ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=version)
