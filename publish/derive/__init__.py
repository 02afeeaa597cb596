"""Pure: subjects, exits, statistics, search index, catalogue, from public tables only."""
