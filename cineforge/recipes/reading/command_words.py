"""A command to be run, as people write it in a configuration or after an option."""

from __future__ import annotations

import shlex

from cineforge.model.errors import CineForgeError

#: The key in config.yaml of the command that is to hear how a run ended.
ON_FINISH = "on_finish"


def command_words(value: object) -> list[str]:
    """The words of a command: a text is split as a shell would, a list taken as it is. No shell is started.

    Raises CineForgeError for what is neither.
    """
    if isinstance(value, str):
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise CineForgeError(f"{error}: quote the words as for a shell") from None
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        words = list(value)
    else:
        raise CineForgeError("write a command, as text or as a list of its words")
    if not words or not words[0]:
        raise CineForgeError("there is no command: leave it out, or write one")
    return words
