"""Trying the whole program without the world: on a virtual clock, against simulated platforms, judged by what was seen.

- clock, transport, faults: the time, the way to the platforms, and what goes wrong
- services, natures, simulated: the platforms, and who stands in for those that have no simulator
- house: our own side, which dies, is taken over and finds its disk full
- witness, judge, rows: what was noted, and whether every promise was kept
- copy, run, rehearse, told, rehearsal_page: `campaign rehearse`
- demo, demo_page: `campaign demo`
"""
