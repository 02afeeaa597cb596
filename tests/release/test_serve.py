"""The server that shows a release on this machine."""

import http.client
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from publish.release.headers import headers_for
from publish.release.serve import address_of, make_server, serve


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(server: ThreadingHTTPServer, path: str, method: str = "GET", body: bytes | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())
    finally:
        connection.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with two releases, the first of them live, and a secret beside them."""
    for name in ("one", "two"):
        release = tmp_path / "releases" / name
        (release / "datasets").mkdir(parents=True)
        (release / "index.html").write_text(f"<h1>首页 {name}</h1>", encoding="utf-8")
        (release / "datasets" / "index.html").write_text("<h1>目录</h1>", encoding="utf-8")
        (release / "404.html").write_text("<h1>没有这个页面</h1>", encoding="utf-8")
        (release / "文件.txt").write_text("x", encoding="utf-8")
        (release / "_headers").write_text("/*", encoding="utf-8")
        (release / "empty").mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "releases" / "one-secret").mkdir()
    (tmp_path / "releases" / "one-secret" / "x.html").write_text("secret", encoding="utf-8")
    (tmp_path / "current").symlink_to("releases/one")
    return tmp_path


@pytest.fixture
def server(out: Path) -> Iterator[ThreadingHTTPServer]:
    server = make_server(out / "current", "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_page_comes_with_the_headers_of_its_address(server: ThreadingHTTPServer) -> None:
    answer = ask(server, "/datasets/?x=1#y")
    assert answer.status == 200
    assert answer.body.decode() == "<h1>目录</h1>"
    for name, value in headers_for("/datasets/").items():
        assert answer.headers[name] == value
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Server"].strip() == "gongshi", "not which Python it is"


def test_head_has_the_headers_and_no_body(server: ThreadingHTTPServer) -> None:
    answer = ask(server, "/", "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len("<h1>首页 one</h1>".encode())


def test_what_is_not_there_is_the_not_found_page(server: ThreadingHTTPServer) -> None:
    answer = ask(server, "/nothing.html")
    assert answer.status == 404
    assert answer.body.decode() == "<h1>没有这个页面</h1>"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_folder_is_not_listed(server: ThreadingHTTPServer) -> None:
    for path in ("/empty/", "/empty"):
        assert ask(server, path).status == 404


def test_a_folder_without_its_slash_is_redirected_and_keeps_the_query(server: ThreadingHTTPServer) -> None:
    answer = ask(server, "/datasets?q=1")
    assert (answer.status, answer.headers["Location"]) == (308, "/datasets/?q=1")


def test_chinese_file_names_are_found(server: ThreadingHTTPServer) -> None:
    assert ask(server, "/%E6%96%87%E4%BB%B6.txt").body == b"x"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/datasets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/../one-secret/x.html",
        "//secret.txt",
        "//example.org/",
        "/datasets//",
        "/./index.html",
        "/%00",
        "/index.html%00.txt",
        "/%ff",
        "/%0d%0aX-Injected:1",
        "/link.txt",
        "/folder/secret.txt",
        "/index.html/",
        "/_headers",
        "/" + "x" * 5000,
        "secret.txt",
        "http://example.org/",
    ],
)
def test_nothing_outside_the_release_is_given_out(out: Path, server: ThreadingHTTPServer, path: str) -> None:
    (out / "releases" / "one" / "link.txt").symlink_to(out / "secret.txt")
    (out / "releases" / "one" / "folder").symlink_to(out)
    answer = ask(server, path)
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert "Location" not in answer.headers
    assert "X-Injected" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"])
def test_only_get_and_head_are_answered(server: ThreadingHTTPServer, method: str) -> None:
    answer = ask(server, "/", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_is_not_taken_for_the_next_request(server: ThreadingHTTPServer, method: str) -> None:
    assert ask(server, "/", method, b"GET / HTTP/1.1\r\n\r\n").headers["Connection"] == "close"


def test_an_answer_to_nonsense_repeats_nothing_of_it(server: ThreadingHTTPServer) -> None:
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as connection:
        connection.sendall(b"GET /<script> NONSENSE\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"400" in answer
    assert b"<script>" not in answer


def test_a_release_that_goes_live_is_served_from_the_next_request_on(out: Path, server: ThreadingHTTPServer) -> None:
    assert ask(server, "/").body.decode() == "<h1>首页 one</h1>"
    (out / "new").symlink_to("releases/two")
    (out / "new").replace(out / "current")
    assert ask(server, "/").body.decode() == "<h1>首页 two</h1>"


def test_no_live_release_is_an_answer_too(out: Path, server: ThreadingHTTPServer) -> None:
    (out / "current").unlink()
    assert ask(server, "/").status == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
def test_other_machines_are_not_served(out: Path, host: str) -> None:
    with pytest.raises(ValueError):
        make_server(out / "current", host, 0)


def test_serve_tells_its_address_and_ends_when_interrupted(out: Path) -> None:
    told: list[str] = []

    def on_ready(address: str) -> None:
        told.append(address)
        raise KeyboardInterrupt

    serve(out / "current", "localhost", 0, on_ready)
    assert told[0].startswith("http://127.0.0.1:")


def test_an_address_is_a_url(out: Path) -> None:
    server = make_server(out / "current", "127.0.0.1", 0)
    server.server_close()
    assert address_of(server) == f"http://127.0.0.1:{server.server_address[1]}/"
