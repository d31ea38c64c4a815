"""One request to an ASGI application, with exactly the bytes and headers given."""

from collections.abc import Iterable, Sequence
from typing import Any


async def post(
    app: Any, path: str, parts: Iterable[bytes], headers: Sequence[tuple[bytes, bytes]], method: str = "POST"
) -> tuple[int, bytes]:
    """Status and body. `parts` arrive one after another; what the application does not read is never asked for."""
    left = list(parts)
    status, body = 0, b""

    async def receive() -> dict[str, Any]:
        part = left.pop(0) if left else b""
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, body
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body += message.get("body", b"")

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": b"", "headers": list(headers), "scheme": "http",
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    return status, body
