"""A door in front of the local Slack with TLS: shut, with a certificate that nobody trusts, or under a name that does
not resolve."""

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOWHERE = "slack.invalid"  # no such name, ever: https://www.rfc-editor.org/rfc/rfc6761#section-6.4


@dataclass(kw_only=True)
class Door:
    """`prelude`: what makes a bot trust its certificate, and ask for `NOWHERE` while the name is away."""

    port: int
    behind: int
    folder: Path
    _server: asyncio.Server | None = None
    _through: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/api/"

    @property
    def prelude(self) -> tuple[str, dict[str, str]]:
        return ("tests.faults.door:install", {"certificate": str(self._file("good")), "away": str(self._away)})

    async def open(self, *, certificate: str = "good") -> None:
        self._away.unlink(missing_ok=True)
        if self._server is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._file(certificate))
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)

    async def shut(self) -> None:
        """Connections are refused, and those that were there are cut."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._through:
            writer.transport.abort()

    async def lose_certificate(self) -> None:
        await self.shut()
        await self.open(certificate="bad")

    async def lose_name(self) -> None:
        """Whoever has just asked for it remembers it for a while (aiohttp: 10 s)."""
        self._away.touch()
        for writer in self._through:
            writer.transport.abort()

    async def mend(self) -> None:
        if not self._away.exists():
            await self.shut()
        await self.open()

    @property
    def _away(self) -> Path:
        return self.folder / "name-is-away"

    def _file(self, certificate: str) -> Path:
        return self.folder / f"{certificate}.pem"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            slack, to_slack = await asyncio.open_connection("127.0.0.1", self.behind)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, to_slack}
        self._through |= both
        try:
            await asyncio.gather(_pour(reader, to_slack), _pour(slack, writer))
        finally:
            self._through -= both
            for one in both:
                one.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def door(folder: Path, *, port: int, behind: int) -> AsyncIterator[Door]:
    for name in ("good", "bad"):
        (folder / f"{name}.pem").write_bytes(_self_signed())
    made = Door(port=port, behind=behind, folder=folder)
    await made.open()
    try:
        yield made
    finally:
        await made.shut()


def _self_signed() -> bytes:
    """A certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    known = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM) + secret


def install(*, certificate: str, away: str) -> None:
    """In the bot's process, before the program begins: as if the machine trusted the certificate, and as if its name
    server knew nothing while the file `away` is there."""
    from aiohttp import connector, resolver

    connector._SSL_CONTEXT_VERIFIED.load_verify_locations(certificate)
    asked: Any = resolver.DefaultResolver
    ask, gone = asked.resolve, Path(away)

    def known(host: str) -> str:
        return NOWHERE if gone.exists() else host

    async def resolve(self: Any, host: str, *given: Any, **named: Any) -> Any:
        return await ask(self, known(host), *given, **named)

    asked.resolve = resolve
