"""Trying the whole program without the world: a virtual clock, later simulated platforms, and the demo."""
