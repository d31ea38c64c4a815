"""Private answers on their way: what a server may answer, and what it may do instead."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.slack import posting
from bot.slack.errors import Fault, SlackFault
from bot.slack.gateway import Gateway
from bot.slack.kit import told
from bot.slack.posting import NotConnectedError, Posting

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Reads a request, then writes what it is told to and, where that ends with None, hangs up."""

    says: list[bytes | None]
    url: str = ""
    connections: int = 0
    read: list[bytes] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.read.append(head + await reader.readexactly(length))
                await self.go.wait()
                for piece in self.says:
                    if piece is None:
                        return
                    writer.write(piece)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    *says: bytes | None, ready: bool = True, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Server, Posting]]:
    server = Server(says=list(says))
    if ready:
        server.go.set()
    listening = await asyncio.start_server(server, "127.0.0.1", 0, ssl=tls)
    server.url = f"http{'s' if tls else ''}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/actions/T1/2?x=%C3%A9"
    posts = Posting()
    try:
        yield server, posts
    finally:
        posts.close()
        listening.close()


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ([OK], 200),
        ([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"], 404),
        ([b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 2\r\n\r\no", b"k"], 200),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"], 200),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], 204),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", OK], 200),
        ([b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", None], 200),
        ([b"HTTP/1.1 200 OK\r\n\r\nuntil the end", None], 200),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", None], 200),  # its head says it all
        ([b"HTTP/1.0 500 Oh\r\n\r\n", None], 500),
        ([b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"], 302),
    ],
)
async def test_the_status_of_whatever_is_answered_and_then_the_next(says: list[bytes | None], status: int) -> None:
    async with serving(*says) as (server, posts):
        for _ in range(3):
            assert await posts.post(server.url, b'{"text": "h\xc3\xa9"}') == status
    assert server.connections == (3 if says[-1] is None else 1)
    head, _, body = server.read[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[:2] == [
        b"POST /actions/T1/2?x=%C3%A9 HTTP/1.1", f"Host: {server.url.split('/')[2]}".encode(),
    ]  # fmt: skip
    assert body == b'{"text": "h\xc3\xa9"}'


async def test_whoever_waits_gets_a_new_connection_where_the_server_closes_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "MOST", 2)
    async with serving(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", None) as (server, posts):
        async with asyncio.timeout(5):
            assert await asyncio.gather(*(posts.post(server.url, b"{}") for _ in range(7))) == [200] * 7
    assert len(server.read) == 7


@pytest.mark.parametrize("says", [[None], [b"HTTP/1.1 200 OK\r\nContent-Le", None], [b"220 mail.example ESMTP\r\n"]])
async def test_half_a_head_and_none_leave_it_open_whether_it_arrived(says: list[bytes | None]) -> None:
    async with serving(*says) as (server, posts):
        with pytest.raises(ConnectionResetError):
            await posts.post(server.url, b"{}")
    assert len(server.read) == 1, "nothing is sent twice"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/", "https://127.0.0.1:9/", "", "mailto:a@b", "http://a@127.0.0.1/", "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y", "http://127.0.0.1:99999/", "http://nobody.invalid/",
    ],
)  # fmt: skip
async def test_where_no_connection_is_made_nothing_was_sent(url: str) -> None:
    with pytest.raises(NotConnectedError):
        await Posting().post(url, b"{}")


async def test_a_server_that_does_not_speak_tls_gets_nothing() -> None:
    async with serving(OK) as (server, posts):
        with pytest.raises(NotConnectedError):
            await posts.post(server.url.replace("http:", "https:"), b"{}")
    assert server.read == []


def _certificate(folder: Path) -> Path:
    """Of 127.0.0.1, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "canteen")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "both.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_tls_is_for_those_whose_certificate_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = _certificate(tmp_path)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(pem)
    async with serving(OK, tls=own) as (server, posts):
        with pytest.raises(NotConnectedError):
            await posts.post(server.url, b"{}")
        assert server.read == []
        monkeypatch.setattr(posting, "_trust", lambda: ssl.create_default_context(cafile=pem))
        assert await posts.post(server.url, b"{}") == 200
        with pytest.raises(NotConnectedError):  # another name than the certificate's
            await posts.post(server.url.replace("127.0.0.1", "localhost"), b"{}")


async def test_many_at_once_share_the_connections_and_each_is_answered() -> None:
    async with serving(OK, ready=False) as (server, posts):
        asked = [posts.post(server.url, b"%d" % n) for n in range(3 * posting.MOST)]
        while len(server.read) < posting.MOST:
            await asyncio.sleep(0)
        server.go.set()
        assert set(await asyncio.gather(*asked)) == {200}
    assert server.connections == posting.MOST
    assert sorted(int(one.rpartition(b"\r\n")[2]) for one in server.read) == list(range(3 * posting.MOST))


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_WITHIN", 0.0)
    monkeypatch.setattr(posting, "LOOK", 0.01)
    monkeypatch.setattr(posting, "MOST", 1)
    async with serving(OK, ready=False) as (server, posts):
        sent, waiting = posts.post(server.url, b"{}"), posts.post(server.url, b"{}")
        for one in (sent, waiting):
            with pytest.raises(TimeoutError):
                await one


async def test_idle_connections_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "IDLE", 0.0)
    monkeypatch.setattr(posting, "LOOK", 0.01)
    async with serving(OK) as (server, posts):
        assert await posts.post(server.url, b"{}") == 200
        async with asyncio.timeout(10):
            while posts._hosts:
                await asyncio.sleep(0.01)
        assert await posts.post(server.url, b"{}") == 200
    assert server.connections == 2


async def _nobody(_workspace_id: str) -> None:
    return None


@pytest.mark.parametrize("made", [Posting, lambda: None], ids=["posting", "session"])
async def test_a_private_answer_goes_either_way_with_the_same_faults(made: Callable[[], Posting | None]) -> None:
    posts = made()
    async with aiohttp.ClientSession() as session:
        gateway = Gateway(api_url="http://127.0.0.1:9/", session=session, find=_nobody, posting=posts)
        async with serving(OK) as (server, _):
            await gateway.respond(server.url, told("You chose *Halden*"))
        assert b'"replace_original": false' in server.read[0]
        assert b"content-type: application/json" in server.read[0].lower()
        async with serving(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n") as (server, _):
            with pytest.raises(SlackFault) as refused:
                await gateway.respond(server.url, told("You chose *Halden*"))
        assert (refused.value.code, refused.value.fault) == ("http_500", Fault.WAIT)
        for url in ("http://127.0.0.1:9/", "nonsense"):
            with pytest.raises(SlackFault) as lost:
                await gateway.respond(url, told("You chose *Halden*"))
            assert lost.value.code == "reset"
    if posts is not None:
        posts.close()
