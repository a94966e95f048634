"""Calls to the outside go where they may, to what was judged, and come back in time."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis import addresses, outside
from chassis.addresses import check_url, is_public, read_url
from chassis.errors import Invalid
from chassis.outside import NoAnswer, NotSent, call
from chassis.settings import Settings
from tests.chassis.receiver import Receiver, Reply, open_receiver

STRICT = Settings()
LENIENT = Settings(outside_allow_private=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as opened:
        yield opened


class Names:
    """A stand-in for the DNS: each name's answers in turn, the last one for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)

    def look_up(self, host: str, port: int, *_args: object, **_kw: object) -> list[tuple[object, ...]]:
        self.asked.append(host)
        try:
            ipaddress.ip_address(host)
            found = [host]
        except ValueError:
            if host not in self.answers:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
            left = self.answers[host]
            found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


PRIVATE = """
    https://127.0.0.1/ https://127.1/ https://127.0.1/ https://2130706433/ https://0x7f000001/ https://0x7f.1/
    https://0177.0.0.1/ https://017700000001/ https://127.0.0.1./ https://0/ https://0.0.0.0/ https://0x/
    https://10.0.0.1/ https://172.16.0.1/ https://172.31.255.255/ https://192.168.1.1/ https://169.254.169.254/latest/
    https://100.64.0.1/ https://100.100.100.200/ https://198.18.0.1/ https://192.0.0.192/ https://168.63.129.16/
    https://224.0.0.1/ https://255.255.255.255/ https://240.0.0.1/ https://192.0.2.1/ https://08.8.8.8/ https://8.8.2056/
    https://[::1]/ https://[::]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[0:0:0:0:0:ffff:127.0.0.1]/
    https://[::ffff:8.8.8.8]/ https://[::127.0.0.1]/ https://[fc00::1]/ https://[fd00:ec2::254]/ https://[fe80::1]/
    https://[fe80::1%25eth0]/ https://[2001:4860:4860::8888%25eth0]/ https://[64:ff9b::7f00:1]/ https://[2002:7f00:1::]/
    https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/ https://[ff02::1]/ https://[2001:db8::1]/
    https://localhost/ https://LOCALHOST/ https://localhost./ https://a.localhost/ https://printer.local/ https://intranet/
    https://db.internal/ https://metadata.google.internal/
    https://１２７.０.０.１/ https://127。0。0。1/ https://①②⑦.⓪.⓪.①/ https://ⓛocalhost/ https://loc\u00adalhost/
""".split()

CROOKED = [
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "javascript:alert(1)",
    "https://",
    "https:///path",
    "https://user@hooks.example.com/",
    "https://user:pass@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com:pass@127.0.0.1:443/",
    "https://127.0.0.1#@hooks.example.com/",
    "https://127.0.0.1\\@hooks.example.com/",
    "https://hooks.example.com\\.evil.example/",
    "https://hooks.example.com/#part",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:8443/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:x/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\r\nHost: other",
    "https://hooks.exa\tmple.com/",
    "https://hooks.example.com\x00.evil.example/",
    "https://hooks..example.com/",
    "https://-hooks.example.com/",
    "https://hooks.example.com%2f@127.0.0.1/",
    "https://hooks%2eexample.com/",
    "https://[127.0.0.1]/",
    "https://[::1/",
    "https://" + "a" * 64 + ".example.com/",
    "https://hooks.example.com/" + "a" * 2000,
    " https://hooks.example.com/",
    "https://xn--a.example.com.0x7f000001/",
]


@pytest.mark.parametrize("url", [*PRIVATE, *CROOKED])
def test_an_address_that_is_private_or_crooked_is_refused_when_saved_and_when_called(url: str, names: Names) -> None:
    for attempt in (lambda: check_url(url), lambda: call(STRICT, "POST", url)):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert [each.pointer for each in refusal.value.errors] == ["/url"]
    assert names.asked == []


@pytest.mark.parametrize(
    ("url", "one_spelling"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/"),
        ("HTTPS://Hooks.Example.COM:443/A?b=C", "https://hooks.example.com/A?b=C"),
        ("https://hooks.example.com./x", "https://hooks.example.com/x"),
        ("https://93.184.216.34/", "https://93.184.216.34/"),
        ("https://[2606:2800:220:1::1]/", "https://[2606:2800:220:1::1]/"),
        ("https://bánh-mì.example.vn/đơn?q=phở", "https://xn--bnh-m-xqa5f.example.vn/%C4%91%C6%A1n?q=ph%E1%BB%9F"),
        # Looks like apple.com: what is stored and shown tells.
        ("https://аррӏе.com/", "https://xn--80ak6aa92e.com/"),
    ],
)
def test_an_address_that_may_be_called_is_kept_in_one_spelling(url: str, one_spelling: str, names: Names) -> None:
    names.answers = {host: [["93.184.216.34"]] for host in ("hooks.example.com", "xn--80ak6aa92e.com")}
    assert check_url(url) == one_spelling
    assert check_url(one_spelling) == one_spelling


def test_a_name_that_leads_into_a_private_network_is_refused_when_saved(names: Names) -> None:
    names.answers = {
        "inside.example.com": [["10.1.2.3"]],
        "half.example.com": [["93.184.216.34", "::1"]],
        "mapped.example.com": [["::ffff:127.0.0.1"]],
    }
    for name in names.answers:
        with pytest.raises(Invalid, match="private network"):
            check_url(f"https://{name}/")


def test_a_name_nobody_knows_yet_is_kept_and_judged_when_called(names: Names) -> None:
    assert check_url("https://tomorrow.example.com/") == "https://tomorrow.example.com/"
    with pytest.raises(NotSent):
        call(STRICT, "POST", "https://tomorrow.example.com/")
    names.answers["tomorrow.example.com"] = [["127.0.0.1"]]
    with pytest.raises(NotSent, match="private network"):
        call(STRICT, "POST", "https://tomorrow.example.com/")


def test_every_special_range_is_refused_and_ordinary_addresses_are_not() -> None:
    for text in ("8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "223.255.255.254"):
        assert is_public(ipaddress.ip_address(text)), text
    for text in ("2606:4700::1111", "2400:cb00::1", "2a00:1450::1"):
        assert is_public(ipaddress.ip_address(text)), text
    for text in ("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "5f00::1", "100::1", "ff0e::1", "4000::1"):
        assert not is_public(ipaddress.ip_address(text)), text


def test_the_address_that_was_judged_is_the_one_connected_to(
    names: Names, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The name alternates between a public address and loopback, where the receiver listens.
    names.answers["rebind.example.com"] = [["93.184.216.34"], ["127.0.0.1"]]
    connected: list[str] = []

    def connect(address: tuple[str, int], *_args: object, **_kw: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotSent):
        call(STRICT, "POST", "https://rebind.example.com/")
    assert names.asked == ["rebind.example.com"]
    assert connected == ["93.184.216.34"]
    with pytest.raises(NotSent, match="private network"):
        call(STRICT, "POST", "https://rebind.example.com/")
    assert connected == ["93.184.216.34"]


def test_an_answer_comes_back_whole(receiver: Receiver) -> None:
    receiver.answer = lambda heard: Reply(201, {"X-Kind": "echo"}, heard.body)
    answer = call(LENIENT, "POST", receiver.url + "/in?a=1", body="chào".encode(), headers={"X-Id": "7"})
    assert (answer.status, answer.text, answer.whole, answer.headers["x-kind"]) == (201, "chào", True, "echo")
    (heard,) = receiver.heard
    assert (heard.method, heard.path, heard.headers["x-id"]) == ("POST", "/in?a=1", "7")
    assert heard.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_without_leave_a_receiver_on_loopback_hears_nothing(receiver: Receiver) -> None:
    with pytest.raises(Invalid):
        call(STRICT, "POST", receiver.url)
    assert receiver.heard == []


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.answer = lambda heard: Reply(302, {"Location": receiver.url + "/secret"})
    answer = call(LENIENT, "POST", receiver.url + "/in")
    assert answer.status == 302
    assert [heard.path for heard in receiver.heard] == ["/in"]


def test_of_a_flood_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.answer = lambda heard: Reply(200, body=b"x" * 5_000_000)
    answer = call(LENIENT, "POST", receiver.url)
    assert (answer.status, len(answer.body), answer.whole) == (200, 65_536, False)


def test_a_receiver_that_does_not_answer_leaves_the_outcome_unknown(receiver: Receiver) -> None:
    receiver.answer = lambda heard: Reply(delay_s=3)
    start = time.monotonic()
    with pytest.raises(NoAnswer):
        call(LENIENT, "POST", receiver.url, total_s=0.4)
    assert time.monotonic() - start < 1.5
    assert len(receiver.heard) == 1


def test_a_receiver_that_drips_does_not_keep_us(receiver: Receiver) -> None:
    receiver.answer = lambda heard: Reply(200, body=b"x" * 100, drip_s=0.1)
    start = time.monotonic()
    answer = call(LENIENT, "POST", receiver.url, total_s=0.6)
    assert time.monotonic() - start < 1.5
    assert (answer.status, answer.whole) == (200, False)


def test_a_server_that_drips_its_headers_does_not_keep_us() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            while not stop.wait(0.05):
                try:
                    connection.send(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    start = time.monotonic()
    with pytest.raises(NoAnswer):
        call(LENIENT, "POST", f"http://127.0.0.1:{server.getsockname()[1]}/", total_s=0.5)
    assert time.monotonic() - start < 1.5
    stop.set()
    thread.join()
    server.close()


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent):
        call(LENIENT, "POST", f"http://127.0.0.1:{port}/")


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def silence(*_args: object, **_kw: object) -> None:
        time.sleep(2)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", silence)
    start = time.monotonic()
    with pytest.raises(NotSent):
        call(STRICT, "POST", "https://hooks.example.com/", connect_s=0.3)
    assert time.monotonic() - start < 1.5


def test_when_to_come_back_is_read_as_seconds_or_as_a_date(receiver: Receiver) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    read = []
    for value in ("120", " 7 ", later, "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "-5", "9" * 400, ""):
        reply = Reply(429, {"Retry-After": value})
        receiver.answer = lambda heard: reply  # noqa: B023
        read.append(call(LENIENT, "POST", receiver.url).retry_after)
    assert read[0] == 120
    assert read[1] == 7
    assert read[2] == pytest.approx(90, abs=5)
    assert read[3:] == [0.0, None, None, 999_999_999.0, None]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own and a certificate for hooks.example.com."""
    folder = tmp_path_factory.mktemp("certificates")
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    return folder


@pytest.mark.parametrize("name", ["hooks.example.com", "other.example.com"])
def test_a_certificate_is_checked_against_the_name_though_the_address_is_fixed(
    name: str, names: Names, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    asked_for: list[str | None] = []
    context.sni_callback = lambda _socket, server_name, _context: asked_for.append(server_name)
    names.answers[name] = [["127.0.0.1"]]
    outside._trust.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "cert.pem"))
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(10_000)
                secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"https://{name}:{server.getsockname()[1]}/"
    try:
        if name == "hooks.example.com":
            assert call(LENIENT, "POST", url).status == 204
        else:
            with pytest.raises(NotSent, match="certificate"):
                call(LENIENT, "POST", url)
    finally:
        thread.join(timeout=5)
        server.close()
        outside._trust.cache_clear()
    assert asked_for == [name]


def test_the_parts_of_a_url_are_read_once_and_strictly() -> None:
    place = read_url("https://Hooks.Example.com/a/../b?x=%2F", allow_private=False)
    assert (place.scheme, place.host, place.port, place.target) == ("https", "hooks.example.com", 443, "/a/../b?x=%2F")
    assert addresses.MOST_CHARS == 2000
