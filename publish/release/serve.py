"""A server for looking at a release on this machine, with the headers that a host would send. Not for the public."""

import io
import ipaddress
import shutil
import socket
import socketserver
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from publish import urls
from publish.release.headers import headers_for

_IDLE_SECONDS = 30
_METHODS = "GET, HEAD"


def serve(root: Path, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve the folder `root` (or what it links to at the time of each request) until interrupted (Ctrl-C).

    `port` 0 takes a free one. `on_ready` gets the address once requests are answered. Raises ValueError if `host` is
    not on loopback, OSError if the port is taken.
    """
    server = make_server(root, host, port)
    try:
        on_ready(address_of(server))
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def make_server(root: Path, host: str, port: int) -> ThreadingHTTPServer:
    """The server, bound and listening; `serve_forever` and `shutdown` are the caller's. Errors as in `serve`."""
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    if not address.is_loopback:
        raise ValueError("this server is for the machine itself: the host must be a loopback address")
    server = _Server6 if address.version == 6 else _Server
    return server((str(address), port), partial(_Handler, root))


def address_of(server: ThreadingHTTPServer) -> str:
    """Where a server answers, as a URL."""
    host, port = server.server_address[:2]
    return f"http://{f'[{host!s}]' if ':' in str(host) else host!s}:{port}/"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without HTTPServer's look-up of the host's name, which can take long where there is no name server."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader who hangs up is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "gongshi"
    sys_version = ""
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True  # else a body waits some 40 ms until the browser has acknowledged the headers

    def __init__(self, root: Path, *args: object) -> None:
        self._root = root
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # as in send_error
        # What `current` links to is looked up once for each request: all of an answer is of one release.
        base = self._root.resolve()
        target, mark, query = self.path.partition("?")
        path = _safe_path(target)
        if path and (file := _file(base, path)):
            self._send(HTTPStatus.OK, path, file)
        elif path and not path.endswith("/") and _file(base, path + "/"):
            location = quote(path) + "/" + mark + query
            self._send(HTTPStatus.PERMANENT_REDIRECT, "/error.txt", extra={"Location": location})
        else:
            self._send(HTTPStatus.NOT_FOUND, urls.NOT_FOUND, _file(base, urls.NOT_FOUND))

    def _send(
        self, status: HTTPStatus, path: str, file: Path | None = None, *, extra: dict[str, str] | None = None
    ) -> None:
        with file.open("rb") if file else nullcontext(io.BytesIO(f"{status} {status.phrase}\n".encode())) as body:
            size = body.seek(0, io.SEEK_END)
            body.seek(0)
            self.send_response(status)
            for name, value in (headers_for(path) | (extra or {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(size))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                shutil.copyfileobj(body, self.wfile)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The answer to a request that cannot be read or has another method: short, and repeating nothing of it."""
        self.close_connection = True  # a body is not read: it must not be taken for the next request
        if code == HTTPStatus.NOT_IMPLEMENTED:  # what http.server says of any method without a do_… function
            self._send(HTTPStatus.METHOD_NOT_ALLOWED, "/error.txt", extra={"Allow": _METHODS})
        else:
            self._send(HTTPStatus(code), "/error.txt")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: only the command line prints."""


def _safe_path(target: str) -> str | None:
    """The path of a request, decoded; None if no file of a release can be meant. Hosts do not serve `_headers`."""
    try:
        path = unquote(target, errors="strict")
    except UnicodeDecodeError:
        return None
    segments = path.split("/")
    is_bad = not path.startswith("/") or "\\" in path or not path.isprintable() or path == urls.HEADERS
    if is_bad or any(segment in (".", "..") for segment in segments) or "" in segments[1:-1]:
        return None
    return path


def _file(base: Path, path: str) -> Path | None:
    """The plain file of a URL path inside `base`, or None; links that lead out of it are not followed."""
    file = base / urls.file_of(path)
    try:
        return file if file.is_file() and file.resolve().is_relative_to(base) else None
    except OSError:  # a name too long, a folder that may not be read
        return None
