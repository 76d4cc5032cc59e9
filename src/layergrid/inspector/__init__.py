"""A heatmap with charts beside it; the only package that imports bqplot."""

from .inspector import Inspector

__all__ = ["Inspector"]
