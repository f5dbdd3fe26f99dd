"""What users do to a graph, in any order, against a model too simple to be wrong.

The model knows each value's number and its derivative by every value it came from, as exact fractions, carried forward
from the operands by the product rule: no order, no marks, no sweep. The engine's reverse pass must give the same after
rebinding, writing, interrupting, detaching, saving and loading. All numbers are small dyadic fractions, on which floats
are exact, so that every comparison is by `==`.
"""

from __future__ import annotations

import copy
import pickle
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.modes import open_modes
from tests.delivery import interrupted

LARGEST = Fraction(2**20)  # what is beyond is not built upon, so that no float is ever rounded
FINEST = 2**16

NUMBERS = st.sampled_from([Fraction(n, 2) for n in range(-6, 7)])


@dataclass(eq=False)
class Twin:
    """What the model knows of one value: its number, and its derivative by each value that it came from."""

    value: Value
    data: Fraction
    slopes: dict[Twin, Fraction] = field(default_factory=dict)
    leaf: bool = True
    grad: Fraction | None = Fraction(0)  # None: an interrupted pass leaves it open
    reached: bool = False

    def __post_init__(self) -> None:
        self.slopes[self] = Fraction(1)


REPLAYED = ag.compile(lambda x, y: x * y + x if x > y else y * y - x)


class Graphs(RuleBasedStateMachine):
    """Twins of values are built, changed and differentiated; after each step all of them are compared."""

    values = Bundle("values")

    def __init__(self) -> None:
        super().__init__()
        self.twins: list[Twin] = []
        self.model = nn.MLP(1, [1], seed=0)
        self.saved: dict[str, float] | None = None
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "model.json"

    def teardown(self) -> None:
        self.folder.cleanup()
        assert open_modes == []

    def known(self, twin: Twin) -> Twin:
        self.twins.append(twin)
        return twin

    def applied(self, value: Value, data: Fraction, parts: list[tuple[Twin, Fraction]]) -> Twin:
        """Return the twin of a new value: its derivatives are those of its operands times the local ones, added up."""
        twin = Twin(value, data, leaf=False)
        for operand, local in parts:
            for source, slope in operand.slopes.items():
                twin.slopes[source] = twin.slopes.get(source, Fraction(0)) + local * slope
        exact = [data, *twin.slopes.values()]
        if any(abs(x) > LARGEST or x.denominator > FINEST for x in exact) or len(exact) > 40:
            return self.leaf(Fraction(1))  # goes on with something small
        return self.known(twin)

    # ------------------------------------------------------------------------------------------------- build

    @initialize(target=values, data=NUMBERS)
    def first(self, data: Fraction) -> Twin:
        return self.leaf(data)

    @rule(target=values, data=NUMBERS)
    def leaf(self, data: Fraction) -> Twin:
        return self.known(Twin(Value(float(data), label=f"v{len(self.twins)}"), data))

    @rule(target=values, a=values, b=values, how=st.sampled_from("+-*"))
    def operate(self, a: Twin, b: Twin, how: str) -> Twin:
        if how == "+":
            return self.applied(a.value + b.value, a.data + b.data, [(a, Fraction(1)), (b, Fraction(1))])
        if how == "-":
            return self.applied(a.value - b.value, a.data - b.data, [(a, Fraction(1)), (b, Fraction(-1))])
        return self.applied(a.value * b.value, a.data * b.data, [(a, b.data), (b, a.data)])

    @rule(target=values, a=values, how=st.sampled_from(["neg", "relu", "square", "double", "abs"]))
    def function(self, a: Twin, how: str) -> Twin:
        sign = Fraction((a.data > 0) - (a.data < 0))
        value, data, slope = {
            "neg": (-a.value, -a.data, Fraction(-1)),
            "relu": (a.value.relu(), max(a.data, Fraction(0)), Fraction(a.data > 0)),
            "square": (a.value**2, a.data**2, 2 * a.data),
            "double": (2 * a.value, 2 * a.data, Fraction(2)),
            "abs": (abs(a.value), abs(a.data), sign),
        }[how]
        return self.applied(value, data, [(a, slope)])

    @rule(target=values, xs=st.lists(values, min_size=1, max_size=4), bias=values)
    def neuron(self, xs: list[Twin], bias: Twin) -> Twin:
        value = ag.dot([x.value for x in xs], [x.value for x in reversed(xs)], bias.value)
        pairs = list(zip(xs, reversed(xs), strict=True))
        parts = [part for w, x in pairs for part in ((w, x.data), (x, w.data))] + [(bias, Fraction(1))]
        return self.applied(value, sum((w.data * x.data for w, x in pairs), bias.data), parts)

    @rule(target=values, a=values, b=values)
    def replay(self, a: Twin, b: Twin) -> Twin:
        """Call a compiled function: one node, whichever way its comparison goes."""
        x, y = a.data, b.data
        if x > y:
            return self.applied(REPLAYED(a.value, b.value), x * y + x, [(a, y + 1), (b, x)])
        return self.applied(REPLAYED(a.value, b.value), y * y - x, [(a, Fraction(-1)), (b, 2 * y)])

    @rule(target=values, a=values, b=values)
    def rebind(self, a: Twin, b: Twin) -> Twin:
        c = a.value
        c += b.value  # a name moves on; the value that it had is as it was
        assert c is not a.value and a.value.data == a.data
        return self.applied(c, a.data + b.data, [(a, Fraction(1)), (b, Fraction(1))])

    @rule(target=values, a=values, how=st.sampled_from(["detach", "copy", "deepcopy", "pickle", "no_grad"]))
    def cut_off(self, a: Twin, how: str) -> Twin:
        with ag.no_grad():
            unrecorded = a.value + 0.0
        value = {
            "detach": lambda: a.value.detach(),
            "copy": lambda: copy.copy(a.value),
            "deepcopy": lambda: copy.deepcopy([a.value])[0],
            "pickle": lambda: pickle.loads(pickle.dumps(a.value)),
            "no_grad": lambda: unrecorded,
        }[how]()
        assert value.parents == () and not value.has_grad
        return self.known(Twin(value, a.data))

    # ------------------------------------------------------------------------------------------------ change

    @rule(a=values, data=NUMBERS)
    def write_data(self, a: Twin, data: Fraction) -> None:
        a.value.data = float(data)
        a.data = data  # what is recorded already keeps its derivatives

    @rule(a=values, grad=NUMBERS)
    def write_grad(self, a: Twin, grad: Fraction) -> None:
        a.value.grad = float(grad)
        a.grad, a.reached = grad, True

    @rule(root=values)
    def zero_grad(self, root: Twin) -> None:
        root.value.zero_grad()
        for twin in root.slopes:
            twin.grad, twin.reached = Fraction(0), False

    # ----------------------------------------------------------------------------------------- differentiate

    def passed(self, root: Twin) -> None:
        """Do in the model what a pass does: leaves add up, inner nodes keep the latest."""
        for twin, slope in root.slopes.items():
            twin.grad = (twin.grad or Fraction(0)) + slope if twin.leaf else slope
            twin.reached = True

    @rule(root=values)
    def backward(self, root: Twin) -> None:
        root.value.backward()
        self.passed(root)

    @rule(root=values)
    def backward_twice(self, root: Twin) -> None:
        root.value.backward()
        root.value.backward()
        self.passed(root)
        self.passed(root)

    @rule(root=values)
    def backward_with_anomaly(self, root: Twin) -> None:
        with ag.anomaly():
            root.value.backward()
        self.passed(root)

    @rule(root=values, k=st.integers(1, 120))
    def backward_interrupted(self, root: Twin, k: int) -> None:
        leaves = [twin for twin in root.slopes if twin.leaf]
        before = [(twin.value.grad, twin.value.has_grad) for twin in leaves]
        struck = interrupted(root.value.backward, k)
        complete = not struck or [(twin.value.grad, twin.value.has_grad) for twin in leaves] != before
        for twin, slope in root.slopes.items():
            if twin.leaf and complete:
                twin.grad, twin.reached = (twin.grad or Fraction(0)) + slope, True
            elif not twin.leaf:
                twin.grad = None

    @rule(root=values, twin=values)
    def grad(self, root: Twin, twin: Twin) -> None:
        assert ag.grad(root.value, twin.value) == root.slopes.get(twin, 0)

    # -------------------------------------------------------------------------------------------- save, load

    @rule(w=NUMBERS, b=NUMBERS)
    def train(self, w: Fraction, b: Fraction) -> None:
        self.model.load_state_dict({"layers.0.neurons.0.w.0": float(w), "layers.0.neurons.0.b": float(b)})

    @rule(x=NUMBERS)
    def answer(self, x: Fraction) -> None:
        w, b = (p.data for p in self.model.parameters())
        out = self.model([float(x)])
        out.backward()
        assert out.data == w * x + b

    @rule()
    def save(self) -> None:
        self.model.save(self.path)
        self.saved = self.model.state_dict()

    @precondition(lambda self: self.saved is not None)
    @rule(how=st.sampled_from(["load", "load_state_dict"]))
    def load(self, how: str) -> None:
        loaded = nn.load(self.path)
        assert loaded.state_dict() == self.saved
        if how == "load":
            self.model = loaded
        else:
            self.model.load_state_dict(loaded.state_dict())

    # ----------------------------------------------------------------------------------------------- compare

    @invariant()
    def every_value_is_its_twin(self) -> None:
        for twin in self.twins:
            assert twin.value.data == twin.data
            if twin.grad is not None:
                assert (twin.value.grad, twin.value.has_grad) == (twin.grad, twin.reached)


TestGraphs = Graphs.TestCase
TestGraphs.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
