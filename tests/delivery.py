"""Where an interrupt can strike: CPython itself shows all points of a piece of work, and each can be tried on its own.

A signal waits until the interpreter looks for one: when a function starts or a generator goes on, when a loop jumps
back, when a call has returned; each version has its own list. So no list is kept here. A signal that renews itself is
handled wherever CPython looks, and its handler counts, and at the k-th point raises, as the handler of Ctrl-C does.
"""

from __future__ import annotations

import _thread
import gc
import signal
import sys
from collections.abc import Callable
from types import FrameType


class Again:
    """A handler's answer that asks for the next interrupt when it is dropped.

    That happens behind the handler and in C, so the next point at which CPython looks is one of the work.
    """

    __slots__ = ()
    __del__ = _thread.interrupt_main


class Interruption:
    """Handle a signal that renews itself: raise `error` at the k-th point of the work, or count them if `k` is 0."""

    def __init__(self, k: int, error: type[BaseException]) -> None:
        self.k, self.error, self.points, self.over = k, error, 0, False

    def __call__(self, number: int, frame: FrameType | None) -> Again | None:
        if self.over:
            return None
        if frame is not None and frame.f_code.co_filename != __file__:
            self.points += 1
            if self.points == self.k:
                self.over = True
                raise self.error
        return Again()

    def during(self, work: Callable[[], object]) -> None:
        """Do the work with the signal on its way from the first point on."""
        collecting, tracer, profiler = gc.isenabled(), sys.gettrace(), sys.getprofile()
        handler = signal.signal(signal.SIGINT, self)
        gc.disable()  # it runs what others have hooked in, where what is raised gets lost
        # Behind a call that it has specialised, `list.append` for one, CPython does not look; in a program's first
        # calls it does. A profiler keeps all calls general. 3.11 would look at one point for ever under a profiler,
        # and under a tracer, as coverage is one.
        sys.settrace(None)
        sys.setprofile(slice if sys.version_info >= (3, 12) else None)
        try:
            _thread.interrupt_main()
            work()
        finally:
            self.over = True
            sys.setprofile(profiler)
            sys.settrace(tracer)
            signal.signal(signal.SIGINT, handler)
            if collecting:
                gc.enable()


def interrupted(work: Callable[[], object], k: int, error: type[BaseException] = KeyboardInterrupt) -> bool:
    """Run a piece of work, interrupted at its k-th point; tell whether it came so far."""
    interruption = Interruption(k, error)
    try:
        interruption.during(work)
    except error:
        if interruption.points < k:
            raise
        return True
    assert interruption.points < k, f"what was raised at point {k} got lost"
    return False


def points_of(work: Callable[[], object]) -> int:
    """Return at how many points a piece of work can be interrupted."""
    work()  # a first run imports, and fills what is kept
    interruption = Interruption(0, KeyboardInterrupt)
    interruption.during(work)
    return interruption.points
