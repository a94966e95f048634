"""Which addresses on the network a URL that somebody gave us may lead to. Not ours: no loopback, no private net.

A URL is judged when it is saved (``check_url``) and again when it is called, because a name may lead elsewhere by then;
see ``chassis/outside.py`` for the second half, connecting to exactly the address that was judged.
"""

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from queue import Empty, Queue
from urllib.parse import urlsplit

import idna

from chassis.errors import FieldError, Invalid
from chassis.i18n import Text, say

MOST_CHARS = 2_000
# The Internet's own numbers. A name that ends in one of these forms is read as an address by some resolvers.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PRIVATE_NAMES = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "test",
    "invalid",
    "onion",
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_REFUSED_V4 = [
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # the host of a virtual machine on Azure
        "169.254.0.0/16",  # link-local, and the metadata of every cloud
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved and broadcast
    )
]
# Of IPv6 only global unicast, without the parts that carry an IPv4 address or are for documents: the forms of ::1,
# ::ffff:127.0.0.1, 64:ff9b::7f00:1, fc00::, fe80:: and what else there will be all lie outside.
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = [ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


@dataclass(frozen=True)
class Place:
    """A checked URL in its parts. ``host`` is lower case ASCII; ``target`` is the path and the query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The URL in one spelling: an international name as it stands in the DNS, where a look-alike letter shows."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == {"https": 443, "http": 80}[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def is_public(address: Address) -> bool:
    """Whether this address is somebody's on the Internet, and so may be called."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in _REFUSED_V4)
    return address in _GLOBAL_V6 and not any(address in net for net in _REFUSED_V6)


def check_url(url: str, *, allow_private: bool = False, pointer: str = "/url") -> str:
    """The URL in one spelling, if it may be called; raises Invalid at ``pointer`` when not.

    https on port 443, no user name, no private address in any spelling; a name is looked up, and refused when it leads
    to one. A name that nobody knows yet passes: it is judged again at every call. ``allow_private`` (for development)
    lets http, other ports and private addresses pass.
    """
    place = read_url(url, allow_private=allow_private, pointer=pointer)
    try:
        found = resolve(place.host, place.port, timeout_s=2.0)
    except OSError:
        return place.url
    if not allow_private and not all(is_public(address) for address in found):
        raise _invalid(pointer, say("This address leads into a private network."))
    return place.url


def read_url(url: str, *, allow_private: bool, pointer: str = "/url") -> Place:
    """Take a URL apart, strictly: what two readers might read differently is refused. Raises Invalid."""
    if len(url) > MOST_CHARS or not url.isprintable() or any(c.isspace() or c == "\\" for c in url):
        raise _invalid(pointer, say("This is not a web address."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid(pointer, say("This is not a web address.")) from None
    if parts.scheme not in (("https", "http") if allow_private else ("https",)):
        raise _invalid(pointer, say("The address must begin with https://"))
    if "@" in parts.netloc or parts.fragment or not parts.hostname:
        raise _invalid(pointer, say("The address must have a host, and neither a user name nor a fragment."))
    port = port if port is not None else {"https": 443, "http": 80}[parts.scheme]
    if not allow_private and port != 443:
        raise _invalid(pointer, say("Only port 443 is called."))
    host = _host(parts.hostname, allow_private, pointer)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port, _quoted(target))


def _host(name: str, allow_private: bool, pointer: str) -> str:
    if ":" in name:
        return _literal(name, allow_private, pointer)
    if not name.isascii():
        try:
            # UTS 46 first, as browsers do: full-width digits become digits before they are looked at.
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            raise _invalid(pointer, say("This host name is not valid.")) from None
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _literal(name, allow_private, pointer)
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid(pointer, say("This host name is not valid."))
    private = len(labels) == 1 or any(name == each or name.endswith("." + each) for each in _PRIVATE_NAMES)
    if private and not allow_private:
        raise _invalid(pointer, say("This address leads into a private network."))
    return name


def _literal(name: str, allow_private: bool, pointer: str) -> str:
    # Only the plain form: 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 are all 127.0.0.1 to somebody.
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        raise _invalid(pointer, say("This host name is not valid.")) from None
    if "%" in name or not (allow_private or is_public(address)):
        raise _invalid(pointer, say("This address leads into a private network."))
    return str(address)


def _quoted(target: str) -> str:
    return "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in target)


def resolve(host: str, port: int, *, timeout_s: float) -> list[Address]:
    """Every address this host has just now; raises OSError when it has none or nobody answers in time."""
    answers: Queue[list[Address] | OSError] = Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    # The resolver knows no time limit of ours: its thread is left to itself when it takes too long.
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except Empty:
        raise TimeoutError(f"looking up {host} took too long") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _invalid(pointer: str, message: Text) -> Invalid:
    return Invalid(message, errors=[FieldError(pointer, message)])
