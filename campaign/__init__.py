"""The scheduler that makes Europe's automotive regions visible."""

__version__ = "0.1.0"
