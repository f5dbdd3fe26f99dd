"""The steps of training: a batch's loss, its gradient, the move of the parameters. By replay, or eagerly.

A net and a loss are recorded once, for one example, and replayed over the rows of a batch (`ag.compile`). The
parameters stay in an array from step to step and are written back when they are read. A loss of the user's own looks at
all examples of a step: in the first epoch it runs as it is typed, on the outputs of a net that is replayed, and it goes
on so unless it proves to be a mean over examples, which is replayed too. What a replay refuses runs as it is typed. All
ways give the same numbers, up to the order in which examples are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isclose
from random import Random
from typing import Any, NamedTuple

from autograd_lite import functions
from autograd_lite.checks import shown
from autograd_lite.coerce import number_of
from autograd_lite.derivatives import grad
from autograd_lite.engine import Value
from autograd_lite.modes import Mode, current, in_mode, recorded
from autograd_lite.nn.objectives import Objective, batch_loss, in_layers, loss_of, numbers_in
from autograd_lite.nn.optimizers import Optimizer
from autograd_lite.nn.rows import first_of_each_kind, recordable
from autograd_lite.nn.trained import InArrays, InValues, clip_gradient
from autograd_lite.nn.trial import trial
from autograd_lite.replay import Batch, Compiled, Rows
from autograd_lite.replay.arguments import flatten
from autograd_lite.replay.surroundings import Surroundings
from autograd_lite.replay.table import columns_of
from autograd_lite.sweep import numbers_of

Data = tuple[list[Any], list[Any]]  # rows and targets
WithSeeds = tuple[list[Any], Callable[[], list[Any]]]  # rows, and a run of the net that tells how many outputs it has
Remark = Callable[[str], object]  # shows a remark to the user


no_remark: Remark = str  # shows nothing


@dataclass(frozen=True, slots=True)
class Task:
    """What the steps work on: a net, what it is trained for, on which examples, and how its parameters move."""

    objective: Objective
    model: Any
    data: Data
    optimizer: Optimizer | None = None  # None where the net is only evaluated
    clip: float | None = None  # the largest norm of the gradient
    remark: Remark = no_remark
    ahead: tuple[int, int] | None = None  # how many examples a step looks at, and how many steps there will be


def steps_of(task: Task) -> EagerSteps:
    """Return the replay of a task where there can be one, else the eager way, with a remark on the reason."""
    own = task.objective.row is None
    rows = _seeded_rows(task) if own else replayed(task.objective, task.model, task.data, task.remark)
    if rows is None:
        return EagerSteps(task)
    if task.ahead is not None:
        rows.plan(*task.ahead)
    if own:
        return OwnLossSteps(task, rows)
    if not in_layers(task.model):
        task.remark(f"{type(task.model).__name__} is recorded once, and replayed")
    return ReplayedSteps(task, rows)


def replayed(objective: Objective, model: Any, data: Data, remark: Remark = no_remark) -> Rows | None:
    """Return the rows of the data under a recorded example; None, with a `remark` on the reason, if it runs eagerly."""
    if objective.row is None:
        return None
    rows = _rows_of(model, _example(objective, model), data, remark)
    if rows is not None and not model.parts_with_switch():
        rows.checked_in = None  # all that runs is the package's own, and was checked once
    return rows


def _seeded_rows(task: Task) -> Rows | None:
    """Return the rows of inputs under a recorded net, each with a number, a seed, for each output of the net.

    The replay returns first the sum of the outputs times their seeds. If the seeds are the derivatives of a loss by the
    outputs, the gradient of this sum is the gradient of the loss.
    """

    objective, model, data = task.objective, task.model, task.data

    def seeded(row: Any, seeds: Any) -> list[Any]:
        prediction = objective.predict(model, row)
        outputs = _listed(prediction)
        if not all(isinstance(a, Value) for a in outputs):
            raise TypeError(
                f"a replay gives one Value or a list of Values; the output of this net is {shown(prediction)}"
            )
        return [functions.dot(seeds, outputs), prediction]

    def seeds() -> list[Any]:
        count = model.nouts[-1] if in_layers(model) else len(_listed(objective.predict(model, data[0][0])))
        return [[0.0] * count] * len(data[0])

    return _rows_of(model, seeded, (data[0], seeds), task.remark)


def _example(objective: Objective, model: Any) -> Callable[..., Any]:
    """Return the function that is recorded: the loss of one example, and the prediction that it is computed from."""

    def example(row: Any, target: Any) -> list[Any]:
        prediction = objective.predict(model, row)
        return [objective.loss([prediction], [target]), prediction]

    return example


def _recorded(title: str, function: Callable[..., Any], model: Any, data: Data | WithSeeds) -> Rows:
    """Return the rows of the data under a function of a net; TypeError or RuntimeError where it can't be replayed."""
    compiled = Compiled(function)
    compiled.title = title  # in messages
    around = compiled.around
    with around.random_numbers_put_back(), trial(model):
        columns = data[0], data[1]() if callable(data[1]) else data[1]
        recorded = [*map(recordable, columns)]
        before = around.random_numbers()
        rows = compiled.rows(*recorded)
        if model.parts_with_switch():  # code of the user's own
            _compare(title, function, columns, rows, compared(columns[0], recorded[0]))
        if around.random_numbers() != before:  # a check may have met the same ones twice
            raise TypeError(f"compile: {title} draws random numbers")
    rows.checked_in = partial(trial, model)
    return rows


def compared(rows: Sequence[Any], recorded: Sequence[Any], most: int = 5) -> list[int]:
    """Return the indices of the rows on which a user's Module is called beside its replay: some, of all kinds."""
    kinds = first_of_each_kind(rows) if recorded is not rows else []  # all are floats
    return sorted({*kinds, *[(len(rows) - 1) * i // (most - 1) for i in range(most)]})


def _compare(title: str, function: Callable[..., Any], columns: Sequence[Any], rows: Rows, some: list[int]) -> None:
    """Raise TypeError if some rows come out otherwise with plain numbers: the net may ask for their type, or text."""
    for i, line in zip(some, rows.outputs_at(numbers_of(rows.parameters), some), strict=True):
        leaves, _ = flatten((function(*[column[i] for column in columns]),), {})
        if len(leaves) != len(line) or not all(map(_close, map(number_of, leaves), line)):
            raise TypeError(f"compile: {title} computes something else with plain numbers than with Values, in row"
                            f" {i + 1}; it may ask for their type")  # fmt: skip


def _rows_of(model: Any, function: Callable[..., Any], data: Data | WithSeeds, remark: Remark) -> Rows | None:
    try:
        return _recorded(type(model).__name__, function, model, data)
    except (TypeError, RuntimeError, AttributeError) as refusal:  # code of the user's own that can't be replayed
        remark(f"this net runs without a replay, operation by operation: {refusal}")
        return None


def _listed(prediction: Any) -> list[Any]:
    return [prediction] if isinstance(prediction, Value) else list(prediction)


class EagerSteps:
    """The steps of `fit` in which every example's graph is recorded anew."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        """Move the parameters by the gradient of a batch; return its mean loss, and how many were right, before."""
        task, optimizer = self.task, self.task.optimizer
        assert optimizer is not None
        optimizer.zero_grad()
        rows, targets = ([column[i] for i in batch] for column in task.data)
        value, right = batch_loss(task.objective, task.model, rows, targets)
        value.backward()
        clip_gradient(optimizer.params, task.clip)
        optimizer.step()
        return value.data, right

    def evaluate(self, data: Data, changed: bool = False) -> tuple[float, int]:
        """Return the mean loss of some examples, and how many are right; of a net that was changed, perhaps."""
        objective, model, (rows, targets) = self.task.objective, self.task.model, data
        step = 1 if objective.row is not None else len(rows)  # a loss of the user's own looks at all of them
        total, right = 0.0, 0
        with recorded():  # the net may differentiate inside
            for i in range(0, len(rows), step):
                value, hits = batch_loss(objective, model, rows[i : i + step], targets[i : i + step])
                total, right = total + value.data, right + hits
        return total * step / len(rows), right

    def write_back(self) -> None:
        """Write to the model's Values the numbers learned so far."""

    def current(self) -> EagerSteps:
        """Return these steps, or new ones if the model has changed since its recording; call it after `write_back`."""
        return self

    def close(self) -> None:
        """Write back everything, whatever ended the training; a second time changes nothing."""


class ReplayedSteps(EagerSteps):
    """The steps of `fit` in which one example's tape is run over the rows of a batch."""

    def __init__(self, task: Task, rows: Rows) -> None:
        super().__init__(task)
        self.rows = rows
        self.held_out: tuple[Data, Rows] | None = None  # the data that was evaluated last, laid out
        self.targets: list[tuple[Rows, Any]] = []  # of all rows, prepared to count the right answers
        parameters = list(rows.parameters)
        optimizer = task.optimizer
        in_arrays = optimizer and optimizer.takes_arrays() and {*optimizer.params} == {*parameters}
        self.parameters = (InArrays if in_arrays else InValues)(parameters, optimizer, task.clip)

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        found = self.rows.run(self.parameters.numbers, batch, True)
        self.parameters.step(found.gradients, len(batch))
        return found.total / len(batch), self._right(self.rows, found, batch, self.task.data)

    def evaluate(self, data: Data, changed: bool = False) -> tuple[float, int]:
        try:
            if self.held_out is None or self.held_out[0] is not data:
                self.held_out = data, self.rows.of(*map(recordable, data))
            if changed and self.rows.refused():
                raise TypeError
        except TypeError:  # rows of another shape, or a net that evaluates in another way
            self.write_back()
            return super().evaluate(data)
        rows, everything = self.held_out[1], range(len(data[0]))
        found = rows.run(self.parameters.numbers, everything, False)
        return found.total / len(everything), self._right(rows, found, everything, data)

    def current(self) -> EagerSteps:
        changed = self.rows.refused()
        if not changed and self.parameters.are_written():
            return self
        if changed:
            self.task.remark(f"{changed}; the net is recorded anew")
        self.close()
        ahead = self.task.ahead and (self.task.ahead[0], 1)  # one step: the work of all was counted before
        return steps_of(replace(self.task, ahead=ahead))

    def write_back(self) -> None:
        self.parameters.write_back()

    def close(self) -> None:
        self.parameters.write_back()
        self.parameters.hand_over()

    def _right(self, rows: Rows, found: Batch, indices: Sequence[int], data: Data) -> int:
        """Count the right answers. An example's outputs are its loss, then its predictions."""
        is_right = self.task.objective.is_right
        if is_right is None:
            return 0
        targets = next((prepared for known, prepared in self.targets if known is rows), None)
        if targets is None or indices.__class__ is not range:
            some = [data[1][i] for i in indices]
            targets = is_right.prepared([*zip(*some, strict=True)] if isinstance(some[0], list) else [some])
            if indices.__class__ is range:
                self.targets = [*[pair for pair in self.targets if pair[0] is self.rows], (rows, targets)]
        return is_right.count(columns_of(found.outputs)[1:], targets)


class First(NamedTuple):
    """The first step of a loss that runs as it is typed."""

    parameters: dict[Value, float]  # as they were before it
    batch: Sequence[int]
    predictions: list[Any]
    targets: list[Any]
    loss: float


class OwnLossSteps(EagerSteps):
    """The steps of `fit` for a loss of the user's own: it runs as it is typed, on the outputs of a replayed net."""

    def __init__(self, task: Task, rows: Rows) -> None:
        super().__init__(task)
        self.rows = rows
        self.held_out: tuple[Data, Rows] | None = None  # the data that was evaluated last, laid out
        self.around: Surroundings | None = Surroundings(task.objective.loss)  # until it was tried on single examples
        self.first: First | None = None
        self.differentiates: list[str] = []  # the calls by which the loss does so

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        optimizer = self.task.optimizer
        assert optimizer is not None
        targets = [self.task.data[1][i] for i in batch]
        numbers = numbers_of(self.rows.parameters)
        predictions = _predictions(self.rows, self.rows.run(numbers, batch, False))
        optimizer.zero_grad()
        value = self._loss(predictions, targets)
        if self.differentiates:
            return EagerSteps.step(self, batch)
        if self.first is None:
            parameters = dict(zip(self.rows.parameters, numbers, strict=True))
            self.first = First(parameters, batch, predictions, targets, value.data)
        value.backward()
        seeds = [[output.grad for output in _listed(prediction)] for prediction in predictions]
        found = self.rows.with_last(seeds, batch).run(numbers_of(self.rows.parameters), range(len(batch)), True)
        for parameter, gradient in zip(self.rows.parameters, found.gradients, strict=True):
            parameter.grad += gradient
        clip_gradient(optimizer.params, self.task.clip)
        optimizer.step()
        return value.data, 0

    def evaluate(self, data: Data, changed: bool = False) -> tuple[float, int]:
        try:
            if self.held_out is None or self.held_out[0] is not data:
                seeds = [0.0] * self.rows.key[1][1]
                self.held_out = data, self.rows.of(recordable(data[0]), [seeds] * len(data[0]))
            if changed and self.rows.refused():
                raise TypeError
        except TypeError:  # rows of another shape, or a net that evaluates in another way
            return super().evaluate(data)
        rows = self.held_out[1]
        found = rows.run(numbers_of(rows.parameters), range(len(data[0])), False)
        value = self._loss(_predictions(rows, found), data[1])
        return EagerSteps.evaluate(self, data) if self.differentiates else (value.data, 0)

    def _loss(self, predictions: list[Any], targets: list[Any]) -> Value:
        """Return the loss of the net's outputs, and note whether it differentiates: these are cut off from the net."""
        note = self.differentiates.append
        with in_mode(replace(current.get() or Mode(), recording=True, differentiating=lambda value, call: note(call))):
            return loss_of(self.task.objective, predictions, targets)

    def current(self) -> EagerSteps:
        if changed := self.rows.refused():
            self.task.remark(f"{changed}; the net is recorded anew")
            return steps_of(self.task)
        if self.differentiates:
            name, call = self.task.objective.name, self.differentiates[0]
            self.task.remark(f"{name} calls {call}, so this net runs without a replay, operation by operation")
            return EagerSteps(self.task)
        if self.first is None or self.around is None:
            return self
        around, self.around, name = self.around, None, self.task.objective.name
        try:
            with around.random_numbers_put_back():
                steps, why_not = self._by_example(around, self.first)
        except Exception as refusal:  # of a loss that takes no single examples, or that can't be replayed
            steps, why_not = self, str(refusal)
        if why_not:
            self.task.remark(f"{name} runs as it is typed, on the outputs of a net that is replayed: {why_not}")
            return self
        self.task.remark(f"{name} is a mean over examples: it is recorded once, with the net, and replayed")
        return steps

    def _by_example(self, around: Surroundings, first: First) -> tuple[EagerSteps, str]:
        """Return the steps that replay the loss, too, and the reason, if there is one, why they may not be used."""
        if changed := around.changed():
            return self, f"{changed} changes from step to step"
        task, count = self.task, len(first.batch)
        if not self._is_mean(first.predictions, first.targets):
            return self, "of some examples it is not the mean over them"
        rows = _recorded(task.objective.name, _example(task.objective, task.model), task.model, task.data)
        if task.ahead is not None:
            rows.plan(*task.ahead)
        found = rows.run([first.parameters.get(p, p.data) for p in rows.parameters], first.batch, False)
        agrees = _close(first.loss, found.total / count)
        return ReplayedSteps(task, rows), "" if agrees else f"of {count} examples it is not the mean over them"

    def _is_mean(self, predictions: list[Any], targets: list[Any]) -> bool:
        """Try the loss on three examples together, and on each: value and derivatives, away from the net's outputs."""
        chosen = [0, next((i for i, y in enumerate(targets) if y != targets[0]), 0), len(targets) // 2]
        rng = Random(0)

        def moved(number: Any) -> Any:  # no further than to between it and numbers from 0 to 1, for probabilities
            return [*map(moved, number)] if isinstance(number, list) else 0.8 * number + 0.2 * rng.uniform(0.2, 0.8)

        def found(points: list[Any], targets: list[Any]) -> list[float]:
            leaves = [[*map(Value, point)] if isinstance(point, list) else Value(point) for point in points]
            value = loss_of(self.task.objective, leaves, targets)
            return [value.data, *grad(value, [leaf for group in leaves for leaf in _listed(group)])]

        points, some = [moved(numbers_in(predictions[i])) for i in chosen], [targets[i] for i in chosen]
        (total, *slopes), each = found(points, some), [found([p], [y]) for p, y in zip(points, some, strict=True)]
        expected = [sum(value for value, *_ in each), *[slope for _, *line in each for slope in line]]
        return all(map(_close, [3.0 * total, *[3.0 * slope for slope in slopes]], expected))


def _predictions(rows: Rows, found: Batch) -> list[Any]:
    """Return the net's outputs, as leaves; of a recorded example they come second."""
    lines = found.outputs if found.outputs.__class__ is list else found.outputs.tolist()
    place = rows.shaped([*range(len(lines[0]))])[1]
    if place.__class__ is int:  # one output, as most nets have
        return [Value(line[place]) for line in lines]
    return [rows.shaped([*map(Value, line)])[1] for line in lines]


def _close(a: float, b: float) -> bool:
    return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (a != a and b != b)
