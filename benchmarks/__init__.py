"""How long things take, held against the same work done by hand: `make bench`; README.md tells what it means."""
