"""Whether an address can be listened on, asked before anything is started that would have to be taken down again."""

import errno
import socket

from bot.core.errors import UserMistakeError


def refuse_taken(host: str, port: int, cure: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            what = "is taken" if error.errno == errno.EADDRINUSE else "cannot be listened on"
            raise UserMistakeError(f"port {port} {what}", cure) from None
