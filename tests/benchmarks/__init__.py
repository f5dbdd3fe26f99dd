"""How fast the engine is, next to others on the same machine: `python -m tests.benchmarks`.

- `races.py` says what is measured: one row a line of the table, with the contenders and the bar;
- `moons.py`, `gpt.py` are the programs, each written once and run on every contender's own `Value`;
- `plain.py` is the short Value class that `gpt.py` is compared with;
- `contender.py` is what runs in a process of its own, `measure.py` what starts and times it.

Seconds differ between machines and hours; the ratios are what counts.
"""
