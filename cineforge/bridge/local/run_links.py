"""The links of the `current/` folder, as a run leaves and reports them."""

from __future__ import annotations

from cineforge.bridge.run_context import RunContext
from cineforge.model.records import run_events as ev
from cineforge.store import LinkNotMade, layout

#: The first few are enough where a whole folder cannot be written to.
SHOWN = 5


class RunLinks:
    """What became of the links of one run."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._not_made: list[LinkNotMade] = []

    def make_all(self) -> None:
        """Make the folder again if it was deleted, and links that could not be made before.

        Of others, where a file that a person edited is in the way say, a warning is shown.
        """
        store = self._context.store
        is_gone = not (self._context.project / layout.CURRENT).is_dir()
        self._warn(store.repair_links(store.heads() if is_gone else ()))

    def warn_of_odd(self) -> None:
        """The same for a command that changes nothing: only the warnings."""
        self._warn(self._context.store.odd_links())

    def warn_of_not_made(self) -> None:
        """Warn of the links that could not be made since the last call, and remember them."""
        for trouble in self._context.store.links_not_made():
            self._not_made.append(trouble)
            if len(self._not_made) <= SHOWN:
                self._context.say(f"warning: {trouble}")
                self._context.log.emit(ev.Warned, message=str(trouble))

    def require_made(self) -> None:
        """Raise LinkNotMade when links were not made although nothing of a person's stood in their place."""
        failed = [each for each in self._not_made if not each.is_edit]
        if failed:
            more = f" (and {len(failed) - 1} more such links)" if len(failed) > 1 else ""
            raise LinkNotMade(failed[0].key, f"all versions were made, but {failed[0]}{more}")

    def _warn(self, troubles: list[LinkNotMade]) -> None:
        for trouble in troubles[:SHOWN]:
            self._context.say(f"warning: {trouble}")
        if len(troubles) > SHOWN:
            more = len(troubles) - SHOWN
            self._context.say(f"warning: {more} more links in current/ are not right")
