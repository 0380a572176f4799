"""The files of a clinic: what they may say, reading them with the line of every mistake, and writing them."""

from coordinator.files.reading import Reading, load, read
from coordinator.files.writing import dump

__all__ = ["Reading", "dump", "load", "read"]
