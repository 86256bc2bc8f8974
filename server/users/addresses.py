"""From which address a request comes, and what counts as one place.

The rule a newcomer would break: `X-Forwarded-For` is text that anybody can
send. It is read only when the other end of the socket is a proxy that the
configuration names, and then from its right end.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from server.kernel.config import Config
from server.kernel.errors import Invalid

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
LOCAL = "local"
"""Where a Unix socket leads."""


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read the trusted proxies, each `10.0.0.1` or `10.0.0.0/8`. Raises Invalid, also for the whole internet."""
    found = []
    for text in texts:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise Invalid(f"A trusted proxy is an address such as 10.0.0.1 or 10.0.0.0/8, not {text!r}.") from None
        if network.prefixlen == 0:
            raise Invalid(f"{text} would let everybody choose the address they seem to come from.")
        found.append(network)
    return tuple(found)


def peer(request, trusted: tuple[Network, ...] = ()) -> str:
    """Return the place of an aiohttp request: an IPv4 address, or the /64 of an IPv6 one."""
    remote = request.remote
    if not remote:
        return LOCAL
    if trusted and _is_trusted(remote, trusted):
        remote = _behind_proxies(remote, request.headers.getall("X-Forwarded-For", ()), trusted)
    return place(remote)


def origin(request, trusted: tuple[Network, ...] = ()) -> str:
    """Return scheme, host and port under which the asker reached this server, as `https://music.example`.

    What a trusted proxy says of the scheme and the host counts; text that is no host is never repeated.
    """
    scheme, host = request.scheme, request.headers.get("Host", "")
    if trusted and request.remote and _is_trusted(request.remote, trusted):
        scheme = _first(request.headers.get("X-Forwarded-Proto")) or scheme
        host = _first(request.headers.get("X-Forwarded-Host")) or host
    if not HOST.fullmatch(host):
        name, port = request.transport.get_extra_info("sockname")[:2]
        host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return f"{'https' if scheme == 'https' else 'http'}://{host}"


def home(request, config: Config) -> str:
    """Return the address of this server as others reach it, path included, without a slash at its end."""
    return config.public_url or origin(request, networks(config.trusted_proxies)) + config.base_path


def _first(header: str | None) -> str:
    return (header or "").partition(",")[0].strip()


def crowd(address: str, trusted: tuple[Network, ...] = ()) -> str:
    """Return the place whose connections are counted together; "" where many people stand behind one address."""
    ip = _parsed(address)
    return "" if ip is None or ip.is_loopback or _is_trusted(address, trusted) else place(address)


@lru_cache(1024)
def place(address: str) -> str:
    """Return what counts as one place: a household has one IPv4 address, or 2**64 of IPv6."""
    ip = _parsed(address)
    if ip is None:
        return LOCAL
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _behind_proxies(remote: str, headers: Iterable[str], trusted: tuple[Network, ...]) -> str:
    """Walk from the nearest hop outwards and stop at the first that no trusted proxy vouches for."""
    hops = [hop.strip() for line in headers for hop in line.split(",")]
    for hop in reversed(hops):
        if _parsed(hop) is None:
            break
        remote = hop
        if not _is_trusted(hop, trusted):
            break
    return remote


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    ip = _parsed(address)
    return ip is not None and any(ip in network for network in trusted)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]:80` and `fe80::1%eth0`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
