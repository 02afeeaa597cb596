"""From data packages to a live release: the stages, one after the other."""
