"""Pure and columnar: what may be public, until when, and why not."""
