"""Tiny sites for the tests of load."""

from collections.abc import Callable
from pathlib import Path

import pytest

from publish.model.config import SiteConfig

Files = dict[str, str | bytes]


@pytest.fixture
def config() -> SiteConfig:
    """A configuration with every default."""
    return SiteConfig("名", "机构", "https://credit.example", "zh-Hans", "Asia/Shanghai", ("national",))


@pytest.fixture
def write_site(tmp_path: Path) -> Callable[[Files], Path]:
    """Write files, given by their path in the site; returns the site's root."""

    def write(files: Files) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write
