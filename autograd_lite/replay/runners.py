"""The runners of a tape: generated Python, which is there at once, and a kernel, when there is enough work for one.

Both are a `tape.Runner`, and nothing else is asked of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cached_property
from typing import Any

from autograd_lite.kernel.library import KernelError, give_up, report
from autograd_lite.replay.kernel_runner import KernelRunner
from autograd_lite.replay.python_runner import TOO_LARGE, PythonRunner
from autograd_lite.replay.tape import Runner, Tape
from autograd_lite.replay.worth import MOVE, WAIT, WRITE, in_one_call, kernel_pays


class Runners:
    """The runners of one tape, each made when first needed."""

    def __init__(self, tape: Tape, title: str) -> None:
        self.tape, self.title = tape, title
        self._fast: Any = None  # the runner for much work, once there was enough for a kernel

    @cached_property
    def python(self) -> PythonRunner:
        if self.tape.nodes > TOO_LARGE:
            warnings.warn(
                f"{self.title}: {self.tape.nodes} operations are many for generated Python, slow to compile;"
                " a C compiler, or that of pip install 'autograd-lite[fast]', makes a kernel that runs them",
                stacklevel=7,
            )
        return PythonRunner(self.tape, self.title)

    def fast(self) -> Runner:
        """Return the kernel, generated Python where it does not load; the choice is kept."""
        if self._fast is None:
            try:
                self._fast = KernelRunner(self.tape)
            except KernelError as error:
                give_up(error)
                report(stacklevel=7)
                self._fast = self.python
        return self._fast  # type: ignore[no-any-return]

    def of(self, rows: int, ahead: int = 0) -> Runner:
        """Return the runner for so many rows now: the kernel where it pays, else generated Python.

        `ahead` such runs are known to follow, as steps of an optimiser.
        """
        work = in_one_call(self.tape, rows)
        if work and self._fast is not None:
            return self._fast  # type: ignore[no-any-return]
        following = (work + MOVE * len(self.tape.parameters)) * ahead
        return self.fast() if work and self._pays(work, following) else self.python

    def _pays(self, work: int, ahead: int) -> bool:
        """Tell whether so much work is enough for a kernel; Python for a large tape must be written first."""
        if "python" not in self.__dict__:
            work += WAIT if self.tape.nodes > TOO_LARGE else WRITE * len(self.tape.operands)
        return kernel_pays(self.tape.rows, work, ahead)

    @cached_property
    def one(self) -> Callable[..., Any]:
        """`Runner.one` of the runner for one row."""
        return self._one_of_many if in_one_call(self.tape, 1) else self.python.one

    def _one_of_many(self, *numbers: Any) -> Any:
        """Run one row of a large tape, which may be worth a kernel in time; then that runs it directly."""
        runner = self.of(1)
        if runner is self._fast:
            self.one = runner.one
        return runner.one(*numbers)
