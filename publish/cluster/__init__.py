"""Builds on the workers of a Dask cluster, which share a folder of files and nothing else with the build."""
