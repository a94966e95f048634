"""What came in a request's head, sorted: what goes on, what we act on, what nobody may claim about themselves."""

import ipaddress
from dataclasses import dataclass, field
from functools import lru_cache

Headers = list[tuple[bytes, bytes]]

# Set by us alone, whatever came: forged callers, forged addresses, and what belongs to the client's connection.
_OURS = frozenset(
    {
        b"connection",
        b"forwarded",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"upgrade",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
_READ = frozenset({b"authorization", b"x-api-key", b"x-request-id", b"traceparent"})


@dataclass(slots=True)
class Arrival:
    """``passed`` goes on as it came. ``credentials`` go on only where the credential is not for us."""

    passed: Headers = field(default_factory=list)
    credentials: Headers = field(default_factory=list)
    request_id: str = ""
    traceparent: str = ""
    accept_language: str = ""
    length: int = 0
    is_forwarded: bool = False

    @property
    def credential(self) -> str | None:
        """The token or key that came; "" for something that is neither; None when nothing came."""
        for name, value in self.credentials:
            if name == b"x-api-key":
                continue
            scheme, _, rest = value.partition(b" ")
            return rest.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
        return self.credentials[0][1].strip().decode("latin-1") if self.credentials else None


def sort_headers(headers: Headers) -> Arrival:
    """One pass over the headers; ASGI gives their names in lower case."""
    arrival = Arrival()
    named: frozenset[bytes] = frozenset()
    for header in headers:
        name, value = header
        if name in _READ:
            _read(arrival, header)
        elif name in _OURS:
            if name == b"connection" and value.lower() not in (b"keep-alive", b"close"):
                named |= {each.strip().lower() for each in value.split(b",")}
            elif name == b"forwarded" or name.startswith(b"x-forwarded"):
                arrival.is_forwarded = True
        elif not name.startswith(b"x-relata-"):
            arrival.passed.append(header)
            if name == b"accept-language":
                arrival.accept_language = value.decode("latin-1")
            elif name == b"content-length" and value.isdigit():
                arrival.length = int(value[:18])
    if named:  # hop by hop, by the client's own word
        arrival.passed = [header for header in arrival.passed if header[0] not in named]
    return arrival


def _read(arrival: Arrival, header: tuple[bytes, bytes]) -> None:
    match header:
        case (b"x-request-id", value):
            arrival.request_id = value.decode("latin-1")
        case (b"traceparent", value):
            arrival.traceparent = value.decode("latin-1")
        case _:
            arrival.credentials.append(header)


@lru_cache(maxsize=10_000)
def neighbourhood(address: str) -> str:
    """What is limited as one client: an IPv4 address, or the /64 that an IPv6 customer has all of."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


@lru_cache(maxsize=10_000)
def is_loopback(address: str) -> bool:
    """Whether the client is on this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
