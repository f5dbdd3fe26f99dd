"""How fast the engine and its replay are, next to others on the same machine: `python -m tests.benchmarks`.

- `races.py` says what is measured: contenders that do the same work, the lines of the table, the bars;
- `moons.py`, `gpt.py`, `moons_step.py`, `scalar.py`, `epochs.py`, `million.py` are the programs, each on every peer;
- `plain.py` is the short Value class that `gpt.py` is compared with, `straight_c.py` writes a tape as C for gcc;
- `program.py` is what a program hands over, `contender.py` what runs in a process of its own, `measure.py` what starts
  and times it, `__main__.py` what prints.

Seconds differ between machines and hours; the ratios are what counts.
"""
