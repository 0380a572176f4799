"""Calendars are fetched from public addresses alone: nothing behind our own wall is ever asked."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from coordinator import fetching
from coordinator.fetching import REFUSED, NotFetched, fetch, is_public, looks_like_one


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def wait() -> None:
            with suppress(TimeoutError):
                while True:
                    came.append(server.accept())

        waiting = threading.Thread(target=wait)
        waiting.start()
        yield server.getsockname()[1], came
        waiting.join()


WRONG = (
    "http://127.0.0.1/x.ics",
    "https://127.0.0.1/x.ics",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:127.0.0.1]/x.ics",
    "https://[::1]/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://224.0.0.1/",
    "file:///etc/passwd",
    "ftp://clinic.example/x.ics",
    "https://clinic.example:22/x.ics",
    "https://user:word@clinic.example/x.ics",
    "https://clinic.example\r\nHost: other/x.ics",
    "https://",
    "",
    "nonsense",
)


@pytest.mark.parametrize("address", WRONG)
def test_nothing_of_ours_is_asked_and_nothing_is_told_of_why(address: str) -> None:
    with listening() as (port, came), pytest.raises(NotFetched) as refused:
        fetch(address, port=port)
    assert came == []
    assert str(refused.value) == REFUSED


def test_a_name_that_leads_to_us_is_not_asked() -> None:
    with listening() as (port, came), pytest.raises(NotFetched):
        fetch("https://localhost.localdomain/x.ics", port=port)
    assert came == []


def test_one_private_number_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert fetching.public_addresses("clinic.example") == []


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1", True),
        ("192.168.1.1", False),
        ("0.0.0.0", False),
        ("fec0::1", False),
        ("192.0.0.8", False),
    ],
)
def test_who_is_public(number: str, public: bool) -> None:
    assert is_public(number) is public


@pytest.mark.parametrize(
    "address", ["https://clinic.example/a.ics", "webcal://clinic.example/a?b=c", "https://x.example:443"]
)
def test_what_looks_like_an_address(address: str) -> None:
    assert looks_like_one(address)


class Calendar(BaseHTTPRequestHandler):
    """A server whose answer depends on the path."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "https://127.0.0.1/")
            self.end_headers()
            return
        self.send_response(200)
        if self.path == "/slow":
            for n in range(100):
                self.send_header(f"X-{n}", "slow")
                self.flush_headers()
                time.sleep(0.1)
        self.end_headers()
        self.wfile.write(b"BEGIN:VCALENDAR" if self.path != "/long" else b"x" * (fetching.MOST_OCTETS + 1))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.5)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=clinic.example",
    ]
    named = ["-addext", "subjectAltName=DNS:clinic.example", "-keyout", str(path), "-out", f"{path}.crt"]
    try:
        subprocess.run([*command, *named], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl here to make a certificate with")
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[HTTPServer]:
    made = HTTPServer(("127.0.0.1", 0), Calendar)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    working = threading.Thread(target=made.serve_forever)
    working.start()
    yield made
    made.shutdown()
    working.join()
    made.server_close()


def ask(server: HTTPServer, certificate: Path, address: str) -> bytes:
    """With a resolver that trusts this machine: only tests hand one in."""
    context = ssl.create_default_context(cafile=f"{certificate}.crt")
    port = server.server_address[1]
    return fetch(address, resolve=lambda _: ["127.0.0.1"], context=context, port=int(port)).octets


def test_a_calendar_is_fetched_from_the_number_that_was_checked(
    server: HTTPServer, certificate: Path
) -> None:
    assert ask(server, certificate, "https://clinic.example/a.ics") == b"BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    "address", ["https://clinic.example/moved", "https://clinic.example/long", "https://other.example/"]
)
def test_no_redirect_no_end_and_no_other_name_is_taken(
    server: HTTPServer, certificate: Path, address: str
) -> None:
    with pytest.raises(NotFetched):
        ask(server, certificate, address)


def test_who_answers_word_by_word_is_hung_up_on(hasty: None, server: HTTPServer, certificate: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(NotFetched):
        ask(server, certificate, "https://clinic.example/slow")
    assert time.monotonic() - begun < 8  # it would take ten
