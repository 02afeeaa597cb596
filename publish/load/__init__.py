"""READS: configuration, data packages, registers, documents, rule profiles."""
