"""The demonstration city: a deterministic generator of its data packages. Described in docs/demo.md.

Everything is invented. Codes and numbers carry a region that no real place has, so that they belong to nobody.
"""
