"""The search index: blocks of what is shown, and lists that tell in which blocks to look (docs/search.md)."""
