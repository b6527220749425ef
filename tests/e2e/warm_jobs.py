"""Jobs of a cluster as a queue would start them, without paying for Python's imports each time.

`server SOCKET` imports Snakemake and CineForge and forks itself for every job; `client SOCKET python -m snakemake ...`
hands its folder, environment, arguments and output over, and ends as the job does. Each job still is a process of its
own, a child of neither the run nor the tests.
"""

from __future__ import annotations

import os
import signal
import socket
import sys


def serve(path: str) -> None:
    """Answer until killed. Returns in a child, which is the job, with the line on which its end is to be told."""
    import importlib
    import json
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parents[2]))
    warm_server = importlib.import_module("tests.e2e.warm_server")
    warm_server.warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    listener.listen(64)
    Path(path + ".new").rename(path)
    while True:
        line, _ = listener.accept()
        message, descriptors, _, _ = socket.recv_fds(line, 1 << 20, 2)
        if message and os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            listener.close()
            asked = json.loads(message)
            warm_server.become(asked, descriptors)
            status = warm_server.run_as_module("snakemake", asked["command"])
            line.send(str(status).encode())
            os._exit(status)
        line.close()
        for descriptor in descriptors:
            os.close(descriptor)


def ask(path: str, command: list[str]) -> int:
    """The exit status of a job; 1 where it was killed."""
    import json

    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        asked = {"command": command, "cwd": os.environ["PWD"], "env": dict(os.environ)}
        socket.send_fds(line, [json.dumps(asked).encode()], [1, 2])
        return int(line.recv(16) or b"1")


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve(sys.argv[2])
    else:
        sys.exit(ask(sys.argv[2], sys.argv[3:]))
