"""Addresses that no source may be fetched from, in the forms in which they are written or answered."""

from __future__ import annotations

import ipaddress

SPECIAL_IPV4 = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254",
    "127.0.0.1", "127.1.2.3", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254",
    "169.254.170.2", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.31.196.1",
    "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.254", "192.175.48.1", "198.18.0.1",
    "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
)  # fmt: skip


def _carrying(ipv4: str) -> tuple[str, ...]:
    """``ipv4`` in every form of IPv6 that carries one."""
    number = int(ipaddress.IPv4Address(ipv4))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    teredo = number ^ 0xFFFFFFFF
    return (
        f"::ffff:{ipv4}",  # mapped
        f"::ffff:{high}:{low}",
        f"::{high}:{low}",  # compatible
        f"::ffff:0:{high}:{low}",  # translated (SIIT)
        f"64:ff9b::{ipv4}",  # NAT64
        f"64:ff9b:1::{high}:{low}",  # NAT64, local
        f"2002:{high}:{low}::1",  # 6to4
        f"2001:0:4136:e378:8000:63bf:{teredo >> 16:x}:{teredo & 0xFFFF:x}",  # Teredo
        f"fe80::5efe:{high}:{low}",  # ISATAP
        f"2600:1234::5efe:{high}:{low}",
        f"2600:1234::200:5efe:{high}:{low}",
    )


SPECIAL_IPV6 = (
    "::", "::1", "::2", "100::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fdff:ffff::1", "fe80::1",
    "febf::1", "fec0::1", "ff02::1", "ff0e::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002::1", "2620:4f:8000::1", "3ffe::1", "3fff::1", "4000::1", "8000::1", "e000::1",
    *_carrying("127.0.0.1"), *_carrying("169.254.169.254"), *_carrying("10.0.0.1"),
)  # fmt: skip

SPECIAL = SPECIAL_IPV4 + SPECIAL_IPV6

ODD_HOSTS = (
    "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.0.0.0x1",
    "00000177.0.0.1", "0", "0x0", "127.0.0.1.", "127.0.0.01", "127.0.0.256", "4294967297", "1.2.3.4.5",
    "localhost.127", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "\uff11\uff12\uff17.0.0.1", "127\u30020.0.1",
    "[::1%25lo]", "[fe80::1%25eth0]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "[::1]", "[127.0.0.1]",
    "[v1.x]", "a..b", "-a.example", "a_.%31", "exa mple", "%6c%6f%63alhost",
)  # fmt: skip
"""Hosts of URLs that are 127.0.0.1, or something else, to one program or another."""

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
    "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255",
    "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::200e",
)  # fmt: skip


def in_url(address: str) -> str:
    """The address as a URL's host."""
    return f"[{address}]" if ":" in address else address
