"""Gongshi 公示: a compiler for public-disclosure records. See ARCHITECTURE.md."""

__version__ = "0.1.0"
