"""Legacy tables and texts into data packages and Markdown. Used by the command line only."""
