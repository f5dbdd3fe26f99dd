"""Where an interrupt can strike: a tracer that raises at the k-th point at which the interpreter would deliver one.

CPython handles signals when a function starts, when a loop jumps back, and when a call has returned, never in between.
So `sys.settrace` finds all points of a piece of work, and each can be tried on its own, on every run the same.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import autograd_lite

PACKAGE = str(Path(autograd_lite.__file__).parent)
# The instructions after which CPython 3.11 to 3.14 look for a signal.
DELIVERING = ("RESUME", "JUMP_BACKWARD", "CALL", "CALL_FUNCTION_EX", "CALL_KW", "FOR_ITER")


class Interruption:
    """Raise `error` at the k-th point inside the package's own code; count the points if `k` is 0."""

    def __init__(self, k: int, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.k, self.error, self.points = k, error, 0
        self.last: dict[FrameType, str] = {}

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith((PACKAGE, "<methods of Value")) or "typing" in name:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self.step

    def step(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "return":
            self.last.pop(frame, None)
        if event != "opcode":
            return self.step
        before = self.last.get(frame, "")
        self.last[frame] = _names(frame.f_code)[frame.f_lasti]
        if before in DELIVERING:
            self.points += 1
            if self.points == self.k:
                self.last.clear()
                raise self.error
        return self.step


_NAMES: dict[Any, dict[int, str]] = {}


def _names(code: Any) -> dict[int, str]:
    if code not in _NAMES:
        _NAMES[code] = {i.offset: i.opname for i in dis.get_instructions(code)}
    return _NAMES[code]


def interrupted(work: Callable[[], object], k: int, error: type[BaseException] = KeyboardInterrupt) -> bool:
    """Run a piece of work, interrupted at its k-th point; tell whether it came so far."""
    before, tracer = sys.gettrace(), Interruption(k, error)
    sys.settrace(tracer)
    try:
        work()
    except error:
        if tracer.points < k:
            raise
        return True
    finally:
        sys.settrace(before)
    return False


def points_of(work: Callable[[], object]) -> int:
    """Return at how many points a piece of work can be interrupted."""
    before, tracer = sys.gettrace(), Interruption(0)
    sys.settrace(tracer)
    try:
        work()
    finally:
        sys.settrace(before)
    return tracer.points
