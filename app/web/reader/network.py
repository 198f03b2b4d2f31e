"""Which network a request comes from: for counting under a hash, never kept."""

from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

NETWORK_OF_IPV6 = 64
"""One subscriber has so many bits of an address to choose from."""


def network_of_request() -> str:
    """Return where a request comes from, as far as TRUSTED_PROXIES lets us know; it is hashed, never kept."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(ip_network((address, NETWORK_OF_IPV6), strict=False))
    return str(address)
