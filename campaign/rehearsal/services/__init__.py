"""Simulated platforms: each keeps state as the real one does, and refuses what the real one would."""
