"""Frozen dataclasses and enums that the stages hand to each other. No I/O, no logic that decides."""
