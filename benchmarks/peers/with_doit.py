"""doit: plain files with a list of their digests; instances in threads."""

from __future__ import annotations

from benchmarks.peers.peer import Peer


class WithDoit(Peer):
    name = "doit"
    files = ("dodo.py",)

    def command(self, operation: str, edited: int) -> list[str]:
        asked = [f"analysis:scene_{edited}"] if operation == "one" else []
        return [self.program, "run", "-n", "2", "-P", "thread", *asked]
