"""Pure given an Environment: contexts, bulk pages, single pages, feeds, data files."""
