"""The bench itself: faults in a page must fail the test."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Faults, Serve

BAD = {
    "inline": ("<script>1</script>", "Content Security Policy"),
    "foreign": ('<img src="http://elsewhere.example/x.png">', "another host"),
    "missing": ('<img src="/none.png" alt="">', "404"),
    "exception": ('<script type="module" src="/throw.js"></script>', "exception: .*thrown"),
    "clean": ("", ""),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_fault_in_a_page_is_seen(tmp_path: Path, served: Serve, page: Page, faults: Faults, kind: str) -> None:
    markup, fault = BAD[kind]
    (tmp_path / "index.html").write_text(f"<!doctype html><title>x</title>{markup}", encoding="utf-8")
    (tmp_path / "favicon.ico").touch()  # Chromium asks for it when a page names no icon
    (tmp_path / "throw.js").write_text("throw new Error('thrown')", encoding="utf-8")
    page.goto(served(tmp_path), wait_until="networkidle")
    if not fault:
        assert faults.found == []
        return
    with pytest.raises(pytest.fail.Exception, match=fault):
        faults.close()
    faults.found.clear()


def test_an_expected_fault_that_does_not_come_fails_the_test() -> None:
    faults = Faults()
    faults.expect("404")
    with pytest.raises(pytest.fail.Exception, match="404"):
        faults.close()
