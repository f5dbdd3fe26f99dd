"""The kernel that replays a tape, in C: its text, a compiler for it, a cache, and the library that runs.

`text` puts an arm for each row of the table into the two loops of `loops.c`, with the weighted sums of `layers.c`, and
the loops of `slots.c` over the slots of many Values; what comes out for four rows stands in `tests/golden/kernel.c`.
`compiler` finds a C compiler and runs it, `cache` keeps what it made, `library` loads it. `replay/kernel_runner.py`
lays a tape out for it, `replay/slots.py` shows it a Value. Where there is no compiler, or something goes wrong,
generated Python runs instead, and gives the same bits.
"""
