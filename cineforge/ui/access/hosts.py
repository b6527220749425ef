"""Which names a browser may have reached us by.

A page of somebody else's can have its own name point to this machine (DNS rebinding); its requests then carry that
name in `Host`, and are refused. Addresses cannot be made to point elsewhere.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

_LOOPBACK_NAMES = frozenset({"localhost"})


@dataclass(frozen=True)
class Hosts:
    """The names and addresses that we answer to; with `any_address` every address, but no other name."""

    names: frozenset[str]
    any_address: bool = False

    @classmethod
    def of(cls, host: str, more: tuple[str, ...] = ()) -> Hosts:
        """What a server that listens on `host` answers to, and `more` names of this machine."""
        address = _address(host)
        names = {host.lower(), *(name.lower() for name in more)}
        if is_loopback(host):
            return cls(frozenset(names | _LOOPBACK_NAMES | {"127.0.0.1", "::1"}))
        return cls(frozenset(names), any_address=address is not None and address.is_unspecified)

    def know(self, header: str) -> bool:
        """Whether a `Host` header names this server. The port may be that of a tunnel."""
        name = _host_of(header)
        if name is None:
            return False
        return name in self.names or (self.any_address and _address(name) is not None)


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach what listens there."""
    address = _address(host)
    return host.lower() in _LOOPBACK_NAMES or (address is not None and address.is_loopback)


def _host_of(header: str) -> str | None:
    """The host in `host[:port]` or `[address][:port]`, or None for anything else."""
    if header.startswith("["):
        inside, bracket, port = header[1:].partition("]")
        host = inside if bracket else ""
        port = port.removeprefix(":") if port.startswith(":") else ("" if not port else "?")
    else:
        host, _, port = header.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit())):
        return None
    return host.lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
