"""Which addresses a source may be fetched from: those of the public internet, and no others.

The tables follow IANA's registries of special-purpose addresses (RFC 6890 and its successors). Python's
``ipaddress`` knows most of them, in a way that has changed between versions; what must not be reached is
therefore written down here. Everything in IPv6 is refused that is not global unicast (2000::/3), and in that
every form that is known to carry an IPv4 address: it reaches a host that the first table may refuse.
"""

from __future__ import annotations

import ipaddress
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_IPV4_SPECIAL = tuple(
    (IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "reserved for AS112"),
        ("192.52.193.0/24", "reserved for AMT"),
        ("192.88.99.0/24", "reserved for 6to4"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved for AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        # Public by its number, but a cloud's own services answer there. Those of other clouds lie in
        # 169.254.0.0/16, 100.64.0.0/10 and fc00::/7.
        ("168.63.129.16/32", "a cloud's own service"),
    )
)

_GLOBAL_UNICAST = IPv6Network("2000::/3")

_IPV6_SPECIAL = tuple(
    (IPv6Network(network), name)
    for network, name in (
        # 2001::/23 is for protocols: Teredo (2001::/32), benchmarking (2001:2::/48), ORCHID, drones, ...
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "IPv4 in IPv6 (6to4)"),
        ("2620:4f:8000::/48", "reserved for AS112"),
        ("3ffe::/16", "retired"),
        ("3fff::/20", "documentation"),
    )
)

_IPV6_ELSEWHERE = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "IPv4 in IPv6 (mapped)"),
        ("::ffff:0:0:0/96", "IPv4 in IPv6 (translated)"),
        ("::/96", "IPv4 in IPv6 (compatible)"),
        ("64:ff9b::/96", "IPv4 in IPv6 (NAT64)"),
        ("64:ff9b:1::/48", "IPv4 in IPv6 (NAT64)"),
        ("100::/64", "discard-only"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)

# ISATAP (RFC 5214) works under any prefix; its interface identifiers are these, then the IPv4 address.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def parse(text: str) -> Address | None:
    """The address that ``text`` is in its usual form; None for anything else.

    A zone (``fe80::1%eth0``) is not an address that a URL may name.
    """
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def why_not_public(address: Address) -> str | None:
    """What kind of address it is when it must not be reached; None for one of the public internet."""
    if isinstance(address, IPv4Address):
        return next((name for network, name in _IPV4_SPECIAL if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    if address not in _GLOBAL_UNICAST:
        return next((name for network, name in _IPV6_ELSEWHERE if address in network), "reserved")
    for network, name in _IPV6_SPECIAL:
        if address in network:
            return name
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return "IPv4 in IPv6 (ISATAP)"
    return None


_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


def looks_numeric(host: str) -> bool:
    """Whether a system's resolver may read ``host`` as an IPv4 address, in whatever form.

    ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` are 127.0.0.1 to many. By the URL standard (WHATWG, "ends in
    a number") a name whose last label is a number can only be an address.
    """
    last = host.rstrip(".").rpartition(".")[2]
    return bool(_NUMERIC_LABEL.fullmatch(last))
