"""WRITES: stage, link, manifest, verify, activate."""
