"""Responsibility clauses: found in a text, read, their names written out, and put together by unit."""
