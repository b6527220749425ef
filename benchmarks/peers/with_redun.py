"""redun: plain files, and each call with its digests in a database; instances in threads."""

from __future__ import annotations

from benchmarks.peers.peer import Peer


class WithRedun(Peer):
    name = "redun"
    files = ("redun_work.py",)

    def command(self, operation: str, edited: int) -> list[str]:
        asked = ["one", "--number", str(edited)] if operation == "one" else ["main"]
        return [self.program, "run", "redun_work.py", *asked]
