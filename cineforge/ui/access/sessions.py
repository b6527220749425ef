"""Who may ask: browsers that have shown the token, and the mark that their forms carry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict

#: More browsers than look at one project; the one that has been away longest has to show the token again.
_MOST = 500


class Sessions:
    """Sessions of one server, in memory: they end with it."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._secret = secrets.token_bytes(32)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def begin(self) -> str:
        """A new session, for who has shown the token."""
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._known[session] = None
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return session

    def know(self, session: str) -> bool:
        with self._lock:
            if session not in self._known:
                return False
            self._known.move_to_end(session)
            return True

    def mark(self, session: str) -> str:
        """What a session's own pages put into their forms, and no other page can know."""
        return hmac.new(self._secret, session.encode(), hashlib.sha256).hexdigest()

    def is_mark(self, session: str, mark: str) -> bool:
        return hmac.compare_digest(self.mark(session).encode(), mark.encode())
