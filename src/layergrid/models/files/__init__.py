"""Checkpoints on disk as sources."""

from .checkpoint import open_checkpoint

__all__ = ["open_checkpoint"]
