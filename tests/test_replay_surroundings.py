"""compile: whatever a function reads besides its arguments may change; a replay notices, or an error says so."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import random
import re
import sys
import threading
import time
import types
import warnings
from array import array
from collections import Counter, OrderedDict, UserDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn, sweep
from autograd_lite.kernel import library
from autograd_lite.modes import current, open_modes
from autograd_lite.ops import ROWS
from autograd_lite.replay import Compiled
from autograd_lite.replay import surroundings as walk
from autograd_lite.replay.consistency import same_numbers
from autograd_lite.replay.slots import lend
from autograd_lite.replay.snapshot import Snapshot

W = Value(1.5, label="W")


@pytest.fixture(autouse=True, params=["in Python", "in C"])
def _watched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run on generated Python, compare what is watched in Python or in C, and leave no mode open."""
    in_c = None
    if request.param == "in C":
        if not library.is_here():
            pytest.skip("no C compiler")
        lend(library.library(ROWS).handle)
        in_c = sweep.in_c
        flatten = Snapshot.flatten
        monkeypatch.setattr(Snapshot, "flatten", lambda self: flatten(self) or self._same_objects())  # from now on
    monkeypatch.setattr(sweep, "in_c", in_c)
    monkeypatch.setenv("AUTOGRAD_LITE_CC", "none")
    yield
    assert current.get() is None and open_modes == []


def agree(compiled: Compiled, *args: float) -> None:
    """Assert that a call has the value and the gradient of the function itself, bit for bit."""
    expected, found = compiled.function(*args), compiled(*args)
    expected = expected if isinstance(expected, Value) else Value(expected)
    assert same_numbers([found.data], [expected.data]), (found.data, expected.data)
    assert same_numbers([ag.grad(found, W)], [ag.grad(expected, W)])


# ------------------------------------------------------------------------------------------ what can be changed

Case = tuple[Callable[[float], Any], list[Callable[[], object]]]
CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES[make.__name__] = make
    return make


class Config:
    """What a function reads, as a class that each case makes anew."""


def fresh(**attributes: Any) -> Any:
    return type("Config", (Config,), attributes)


@case
def class_attribute() -> Case:
    config = fresh(k=2.0)
    return lambda x: W * x * config.k, [
        lambda: setattr(config, "k", 5.0),
        lambda: setattr(Config, "k", 6.0),
        lambda: delattr(config, "k"),
        lambda: (delattr(Config, "k"), setattr(config, "k", 1.0)),
    ]


@case
def attribute_of_an_object() -> Case:
    config = fresh(k=2.0)()
    return lambda x: W * x * config.k, [
        lambda: setattr(config, "k", 3.0),
        lambda: delattr(config, "k"),  # now that of the class
        lambda: setattr(type(config), "k", 4.0),
        lambda: setattr(config, "__dict__", {"k": 5.0}),
        lambda: config.__dict__.update(k=6.0),
        lambda: setattr(config, "__class__", fresh(k=property(lambda self: 7.0))),
    ]


@case
def attribute_by_its_name() -> Case:
    config = fresh(k0=2.0)()
    return lambda x: W * x * sum(getattr(config, f"k{i}", 1.0) for i in range(3)), [
        lambda: setattr(config, "k0", 3.0),
        lambda: setattr(config, "k2", 4.0),
    ]


@case
def elements_of_a_list() -> Case:
    numbers = [1.0, 2.0]
    return lambda x: W * x * sum(n * i for i, n in enumerate(numbers)), [
        lambda: numbers.__setitem__(1, 3.0),
        lambda: numbers.append(4.0),
        lambda: numbers.pop(),
        lambda: numbers.reverse(),
        lambda: numbers.clear(),
    ]


@case
def elements_of_the_same_number() -> Case:
    things: list[Any] = [0.0, 1, W]

    def f(x: float) -> Any:
        signs = math.copysign(1.0, things[0]) + (5.0 if things[1] is True else 0.0)
        return W * x * signs + (7.0 if isinstance(things[2], Value) else 8.0)

    return f, [
        lambda: things.__setitem__(0, -0.0),
        lambda: things.__setitem__(1, True),
        lambda: things.__setitem__(2, 1.5),
        lambda: things.__setitem__(1, 1.0),
        lambda: things.__setitem__(2, W),
    ]


@case
def a_list_of_values() -> Case:
    values = [W, Value(2.0)]
    return lambda x: values[0] * x + values[1], [
        lambda: values.__setitem__(1, Value(2.0)),
        lambda: values.__setitem__(1, 2.0),  # type: ignore[call-overload]
        lambda: values.reverse(),
        lambda: values.__setitem__(slice(None), [W, W]),
    ]


@case
def two_lists_that_exchange_an_element() -> Case:
    first, second = [1.0, 2.0], [3.0]
    return lambda x: W * x * (sum(first) - 10.0 * sum(second)), [lambda: second.insert(0, first.pop())]


@case
def two_lists_of_values_that_exchange_an_element() -> Case:
    first, second = [W, W], [Value(3.0)]
    return lambda x: x * (ag.sum(first) - 10.0 * ag.sum(second)), [lambda: second.insert(0, first.pop())]


@case
def entries_of_a_dict() -> Case:
    table: dict[Any, Any] = {"a": {"b": 1.0}, 2: 3.0, "c": 5.0}

    def f(x: float) -> Any:
        total = W * x
        for i, (key, value) in enumerate(table.items()):
            total = (
                total * (i + 1.0) + (value if isinstance(value, float) else value["b"]) + (7.0 if key is True else 0.0)
            )
        return total

    return f, [
        lambda: table["a"].__setitem__("b", 2.0),
        lambda: table.__setitem__("c", 6.0),
        lambda: table.__setitem__("a", table.pop("a")),  # the order
        lambda: table.__setitem__("d", table.pop("c")),
        lambda: table.pop(2),
        lambda: table.__setitem__(True, 1.0),
        lambda: table.__setitem__(1, table.pop(True)),
    ]


@case
def other_containers() -> Case:
    class Named(NamedTuple):
        inner: list[float]

    class Mine(list[float]):
        factor = 2.0

        def __iter__(self) -> Iterator[float]:
            return iter([self.factor * self[i] for i in range(len(self))])

    ordered = OrderedDict(a=1.0, b=2.0)
    counter, table, queue, some = Counter(a=1), defaultdict(float, a=1.0), deque([1.0, 2.0]), {1.0, 2.0}
    named, mine, user, raw = Named([1.0]), Mine([1.0, 2.0]), UserDict(a=1.0), bytearray(b"\1\2")
    numbers, proxy = array("d", [1.0, 2.0]), types.MappingProxyType(table)
    view = memoryview(numbers)

    def f(x: float) -> Any:
        first, second = ordered.values()
        total = first - 3.0 * second + counter["a"] + table["a"] * queue[0] + sum(some) + named.inner[0] * 11.0
        return W * x * (total + sum(mine) * 13.0 + user["a"] * 17.0 + raw[0] * 19.0 + numbers[1] * proxy["a"] + view[0])

    return f, [
        lambda: ordered.move_to_end("a"),
        lambda: counter.update("a"),
        lambda: table.__setitem__("a", 3.0),
        lambda: queue.rotate(),
        lambda: some.add(3.0),
        lambda: named.inner.__setitem__(0, 2.0),
        lambda: mine.__setitem__(0, 3.0),
        lambda: setattr(mine, "factor", 3.0),
        lambda: user.__setitem__("a", 2.0),
        lambda: raw.__setitem__(0, 5),
        lambda: view.__setitem__(1, 7.0),
    ]


@case
def slots() -> Case:
    @dataclass(slots=True)
    class Settings:
        k: float = 2.0

    class Bare:
        __slots__ = ("inner",)

    settings, bare = Settings(), Bare()
    bare.inner = [1.0]
    return lambda x: W * x * settings.k * bare.inner[0], [
        lambda: setattr(settings, "k", 3.0),
        lambda: bare.inner.__setitem__(0, 4.0),
        lambda: setattr(bare, "inner", [5.0]),
    ]


@case
def attribute_of_a_module() -> Case:
    module, inner = types.ModuleType("settings"), types.ModuleType("settings.inner")
    module.k, module.inner, inner.k, inner.ks = 2.0, inner, 3.0, [1.0]  # type: ignore[attr-defined]
    return lambda x: W * x * module.k * module.inner.k * module.inner.ks[0], [
        lambda: setattr(module, "k", 3.0),
        lambda: setattr(inner, "k", 4.0),
        lambda: inner.ks.__setitem__(0, 5.0),
        lambda: setattr(module, "inner", SimpleNamespace(k=1.0, ks=[2.0])),
    ]


rate, helper_rate = 2.0, 3.0


def helper(x: Any) -> Any:
    return x * helper_rate


@case
def names_of_a_module() -> Case:
    spaces = globals()
    spaces.update(rate=2.0, helper_rate=3.0, helper=CASES and spaces["helper"])
    own = helper
    return lambda x: helper(W * x) * rate, [
        lambda: spaces.update(rate=3.0),
        lambda: spaces.update(helper_rate=4.0),
        lambda: spaces.update(helper=lambda x: x * 9.0),
        lambda: spaces.update(helper=own),
    ]


@case
def a_builtin_that_is_shadowed() -> Case:
    space: dict[str, Any] = {"W": W}
    f = eval("lambda x: W * x * abs(-2.0)", space)
    return f, [lambda: space.update(abs=lambda x: 5.0), lambda: space.pop("abs")]


@case
def cells() -> Case:
    k, config = 2.0, fresh(k=1.0)()

    def inner(x: Any) -> Any:
        return x * k

    def change() -> None:
        nonlocal k
        k = 7.0

    def exchange() -> None:
        nonlocal config
        config = fresh(k=3.0)()

    return lambda x: inner(W * x) * config.k, [change, exchange]


@case
def defaults() -> Case:
    def f(x: float, ks: list[float] = [2.0], *, more: float = 3.0) -> Any:  # noqa: B006
        return W * x * ks[0] * more

    return f, [
        lambda: f.__defaults__[0].__setitem__(0, 4.0),  # type: ignore[index]
        lambda: setattr(f, "__defaults__", ([5.0],)),
        lambda: f.__kwdefaults__.update(more=6.0),
        lambda: setattr(f, "__code__", (lambda x, ks, *, more: W * x * ks[0] + more).__code__),
    ]


@case
def attributes_of_a_function() -> Case:
    def f(x: float) -> Any:
        return W * x * f.k  # type: ignore[attr-defined]

    f.k = 2.0  # type: ignore[attr-defined]
    return f, [lambda: setattr(f, "k", 3.0)]


@case
def methods() -> Case:
    class Line:
        slope = 2.0

        def scale(self) -> float:
            return 1.0

        @property
        def offset(self) -> float:
            return self.inner[0]

        @staticmethod
        def fixed() -> float:
            return settings.k  # type: ignore[no-any-return]

        @classmethod
        def shared(cls) -> float:
            return cls.slope

        def __init__(self) -> None:
            self.inner = [1.0]

        def __call__(self, x: Any) -> Any:
            return W * x * self.scale() * self.shared() * self.fixed() + self.offset

    settings = fresh(k=1.0)
    line = Line()
    return line, [
        lambda: line.inner.__setitem__(0, 3.0),
        lambda: setattr(settings, "k", 5.0),
        lambda: setattr(Line, "slope", 7.0),
        lambda: setattr(Line, "scale", lambda self: 11.0),
        lambda: setattr(line, "scale", lambda: 13.0),
        lambda: setattr(Line, "offset", property(lambda self: 17.0)),
        lambda: setattr(Line, "__call__", lambda self, x: W * x),
    ]


@case
def a_bound_method() -> Case:
    class Line:
        k = 2.0

        def value(self, x: Any) -> Any:
            return W * x * self.k

    line = Line()
    return line.value, [lambda: setattr(line, "k", 3.0), lambda: line.__dict__.clear(), lambda: setattr(Line, "k", 4.0)]


@case
def partials_and_wrappers() -> Case:
    k = [2.0]

    def scaled(k: list[float], x: Any, *, more: dict[str, float]) -> Any:
        return W * x * k[0] * more["a"]

    @functools.lru_cache
    def cached() -> list[float]:
        return k

    more = {"a": 1.0}

    def wrapped(f: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(f)
        def g(*args: Any) -> Any:
            return f(*args) * cached()[0]

        return g

    return wrapped(functools.partial(scaled, k, more=more)), [
        lambda: k.__setitem__(0, 3.0),
        lambda: more.__setitem__("a", 4.0),
    ]


@case
def functions_in_containers() -> Case:
    k = [2.0]
    table = {"f": [lambda x: x * k[0], lambda x: (x + 1.0).exp()]}
    return lambda x: ag.sum([g(W * x) for g in table["f"]]), [
        lambda: k.__setitem__(0, 3.0),
        lambda: table["f"].reverse(),
        lambda: table.update(f=[lambda x: x]),
    ]


@case
def another_compiled_function() -> Case:
    k = [2.0]
    inner = ag.compile(lambda x: W * x * k[0])
    return lambda x: inner(x) * 2.0, [lambda: k.__setitem__(0, 3.0)]


@case
def an_enum_and_a_class_that_is_made_inside() -> Case:
    class Kind(Enum):
        SLOW = 1.0
        FAST = 2.0

    class Made:
        def __init__(self, x: Any) -> None:
            self.x = x * ks[0]

    ks, chosen = [2.0], [Kind.SLOW]
    return lambda x: Made(W * x).x * chosen[0].value, [
        lambda: ks.__setitem__(0, 3.0),
        lambda: chosen.__setitem__(0, Kind.FAST),
    ]


@case
def arrays() -> Case:
    np = pytest.importorskip("numpy")
    numbers, objects = np.array([1.0, 2.0, 3.0, 4.0]), np.array([W, Value(2.0), 0.0], dtype=object)
    inside = np.array([[1.0]])
    objects[2] = inside
    return lambda x: W * x * float(numbers.flat[1]) * len(numbers) + objects[1] * objects[2][0, 0], [
        lambda: numbers.__setitem__(1, 5.0),
        lambda: numbers.__setitem__(1, -0.0),
        lambda: numbers.resize((2, 2), refcheck=False),
        lambda: objects.__setitem__(1, Value(2.0)),
        lambda: inside.__setitem__((0, 0), 7.0),
    ]


@case
def a_net() -> Case:
    net = nn.MLP(2, [3, 1], activation="tanh", seed=0)

    def f(x: float) -> Any:
        return W * net([x, 1.0])

    neuron = net.layers[0].neurons[0]
    own = nn.Neuron.__call__

    class Doubled(nn.Neuron):
        def forward(self, xs: Any, data: Any) -> Any:
            return super().forward(xs, data) * 2.0

    return f, [
        lambda: neuron.w.__setitem__(0, Value(3.0)),
        lambda: setattr(neuron, "b", Value(1.0)),
        lambda: setattr(neuron, "function", ag.sin),
        lambda: net.layers[0].neurons.reverse(),
        lambda: setattr(neuron, "__class__", Doubled),
        lambda: setattr(Doubled, "forward", lambda self, xs, data: self.w[0] * xs[0]),
        lambda: setattr(net.layers[1], "activation", "tanh"),
        lambda: setattr(nn.Neuron, "__call__", own),
    ]


@case
def attributes_of_values() -> Case:
    class Weight(Value):
        scale = 2.0

        def __call__(self, x: Any) -> Any:
            return self * x * self.scale

    weight, leaf = Weight(3.0), Value(2.0)
    leaf.scale = [1.0]  # type: ignore[attr-defined]
    return lambda x: W * weight(x) + leaf * leaf.scale[0], [  # type: ignore[attr-defined]
        lambda: setattr(weight, "scale", 5.0),
        lambda: setattr(Weight, "__call__", lambda self, x: self * x),
        lambda: leaf.scale.__setitem__(0, 4.0),  # type: ignore[attr-defined]
        lambda: setattr(leaf, "scale", (6.0,)),
    ]


@case
def a_context_variable() -> Case:
    variable = ContextVar("variable", default=[2.0])  # noqa: B039  (changed on purpose)
    return lambda x: W * x * variable.get()[0], [
        lambda: variable.get().__setitem__(0, 3.0),
        lambda: variable.set([4.0]),
        lambda: variable.get().__setitem__(0, 5.0),
    ]


@case
def attributes_that_an_object_looks_up_itself() -> Case:
    class Lookup:
        def __init__(self) -> None:
            self.table = {"k": 2.0}

        def __getattr__(self, name: str) -> Any:
            return self.__dict__["table"][name]

    space, lookup = SimpleNamespace(inner=SimpleNamespace(k=[1.0])), Lookup()
    return lambda x: W * x * lookup.k * space.inner.k[0], [
        lambda: lookup.table.__setitem__("k", 3.0),
        lambda: space.inner.k.__setitem__(0, 4.0),
        lambda: setattr(space, "inner", SimpleNamespace(k=[5.0])),
    ]


@case
def a_training_flag() -> Case:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.training, self.parts = True, {"a": [nn.MLP(1, [2, 1], seed=0)]}

        def __call__(self, x: Any) -> Any:
            z = W * self.parts["a"][0]([x])
            return z * 0.5 if self.training else z

    net = Net()
    return lambda x: net(x), [
        lambda: setattr(net, "training", False),
        lambda: net.parts["a"].__setitem__(0, nn.MLP(1, [2, 1], seed=1)),
        lambda: setattr(net, "training", 1),
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_noticed_at_the_next_call(name: str) -> None:
    function, changes = CASES[name]()
    compiled = ag.compile(function)
    for change in (lambda: None, *changes):
        for x in (1.0, 2.0, 2.0):
            agree(compiled, x)
        change()
        agree(compiled, 2.0)
        recorded = compiled.branches
        agree(compiled, 3.0)
        assert compiled.branches == recorded, "it is replayed again"


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_noticed_by_the_rows_of_a_data_set(name: str) -> None:
    function, changes = CASES[name]()
    compiled = ag.compile(function)
    for change in (lambda: None, *changes):
        for _ in range(2):
            compiled.mean([1.0, 2.0, 3.0])
        change()
        expected = [function(Value(x)) for x in (0.5, 2.0, 3.0)]
        assert compiled.map([0.5, 2.0, 3.0]) == [out.data for out in expected]
        assert compiled.sum([0.5, 2.0, 3.0]).data == ag.sum(expected).data


def test_restored_afterwards() -> None:
    names_of_a_module()  # puts the names of this module back
    assert (rate, helper_rate) == (2.0, 3.0)


def test_what_is_equal_to_any_reader_is_no_change() -> None:
    config = fresh()()
    config.k, config.pair, config.text = 2.0, (1.0, (2, "a")), "relu"
    f = ag.compile(lambda x: W * x * config.k * config.pair[0] * len(config.text))
    f(1.0)
    branch = next(iter(f._specializations.values())).branches[0]
    config.k, config.pair, config.text = float("2"), (1.0, (2, "".join(["a"]))), "".join(["re", "lu"])
    agree(f, 2.0)
    assert next(iter(f._specializations.values())).branches == [branch]


def test_attributes_that_no_code_reads_may_change() -> None:
    class Trainer:
        def __init__(self) -> None:
            self.w, self.losses, self.epoch = Value(2.0), [], 0  # type: ignore[var-annotated]
            self.optimizer = nn.Adam([self.w], lr=0.1)
            self.loss = ag.compile(self.error)

        def error(self, x: Any) -> Any:
            return (self.w * x - 1.0) ** 2

        def fit(self) -> None:
            for _ in range(20):
                loss = self.loss(1.0)
                self.losses.append(loss.data)
                self.epoch += 1
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()

    trainer = Trainer()
    trainer.fit()
    (found,) = trainer.loss._specializations.values()
    assert [branch.calls for branch in found.branches] == [20] and trainer.losses[-1] < trainer.losses[0]


def test_objects_among_the_arguments_are_watched_too() -> None:
    @dataclass(frozen=True)
    class Frozen:
        k: float

    config = fresh(k=2.0)()
    f = ag.compile(
        lambda x, config, scale=1.0: W * x * math.copysign(config.k + 1.0, config.k) * math.copysign(2.0, scale)
    )
    for change in (2.0, 3.0, 4.0):
        config.k = change
        for _ in range(3):
            assert f(1.0, config).data == W.data * (change + 1.0) * 2.0
    assert (f(1.0, Frozen(0.0)).data, f(1.0, Frozen(-0.0)).data) == (3.0, -3.0)
    assert (f(1.0, config, scale=0.0).data, f(1.0, config, scale=-0.0).data) == (15.0, -15.0)


def test_a_value_that_is_read_anew() -> None:
    f = ag.compile(lambda x: W * x)
    f(1.0), f(2.0), f(3.0)
    try:
        W.data = 4.0
        assert f(3.0).data == 12.0 and f.branches == 1
    finally:
        W.data = 1.5


# --------------------------------------------------------------------------- what changes from call to call


class Counting:
    def __init__(self) -> None:
        self.n, self.log = 0, [0.0]

    def __call__(self, x: Any) -> Any:
        self.n += 1
        self.log.append(float(self.n))
        return W * x * self.n + self.log[-2]


def test_a_function_that_changes_what_it_reads_is_right_at_each_call_and_says_so_once() -> None:
    f, twin = ag.compile(Counting()), Counting()
    with pytest.warns(
        UserWarning, match=r"self\.(n|log), which Counting may read, changes from call to call"
    ) as caught:
        found = [f(x).data for x in map(float, range(12))]
    assert found == [twin(x).data for x in map(float, range(12))] and len(caught) == 1
    assert caught[0].filename == __file__
    assert f.mean([1.0, 2.0, 3.0]).data == ag.mean([twin(x) for x in (1.0, 2.0, 3.0)]).data


def test_its_rows_are_right_too() -> None:
    f, twin = ag.compile(Counting()), Counting()
    with pytest.warns(UserWarning, match="changes from call to call"):
        for _ in range(3):
            assert f.map([1.0, 2.0, 3.0]) == [twin(x).data for x in (1.0, 2.0, 3.0)]
            assert f.sum([1.0, 2.0]).data == (twin(1.0) + twin(2.0)).data
    with pytest.raises(TypeError, match="what Counting reads changes from run to run"):
        ag.compile(Counting()).rows([1.0, 2.0])


def test_a_memory_that_is_filled_once_is_recorded_once_more() -> None:
    class Lazy:
        memory: Any = None

        def __call__(self, x: Any) -> Any:
            if self.memory is None:
                self.memory = math.sqrt(2.0)
            return W * x * self.memory

    f = ag.compile(Lazy())
    assert [f(x).data for x in (1.0, 2.0, 3.0, 4.0)] == [1.5 * x * math.sqrt(2.0) for x in (1.0, 2.0, 3.0, 4.0)]
    (found,) = f._specializations.values()
    assert [branch.calls for branch in found.branches] == [3]


def test_a_number_that_is_written_ahead_of_each_call_is_said_once_and_ends() -> None:
    config = fresh(k=0.0)
    f = ag.compile(lambda x: W * x * config.k)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for k in range(20):
            config.k = float(k)
            assert f(2.0).data == 3.0 * k
    assert [str(w.message) for w in caught] == [
        "compile: Config.k, which <lambda> may read, changes from call to call; while it does, the function runs as it "
        "is, without a replay. Pass it as an argument, or keep it out of the function"
    ]
    assert f(2.0).parents == (W,) and f(2.0).op == "<lambda>", "it is replayed again"


def test_what_is_too_large_is_found_at_growing_distances() -> None:
    numbers = [float(i) for i in range(walk.MOST + 1)]
    f = ag.compile(lambda x: W * x * numbers[5])
    f(1.0)
    numbers[5] = 6.0
    assert f(1.0).data == 9.0, "found by the second call, it concerns none"
    for _ in range(4):
        f(1.0)
    numbers[5] = 7.0
    assert f(1.0).data == 9.0
    with pytest.raises(RuntimeError, match=r"numbers\[5\] changed; .*too many.*so calls 5 to 7 since the recording"):
        for _ in range(3):
            f(1.0)
    assert f(1.0).data == 10.5
    small = [1.0]
    g = ag.compile(lambda x: W * x * numbers[5] * small[0])
    [g(1.0) for _ in range(5)]
    small[0] = 2.0
    assert g(1.0).data == 21.0, "what is small beside it is watched at each call"


def test_large_arrays_are_watched_too() -> None:
    np = pytest.importorskip("numpy")
    small, large = np.zeros(1000), np.zeros(1_000_000)
    f = ag.compile(lambda x: W * x * float(small[7] + large[7]))
    for _ in range(4):
        f(1.0)
    small[7] = 2.0
    assert [f(1.0).data for _ in range(3)] == [3.0] * 3
    large[7] = 3.0
    with pytest.raises(RuntimeError, match=r"large changed; .*call 3? since"):
        for _ in range(6):
            f(1.0)


# ----------------------------------------------------------------------------------------------- the second run


def dropout(x: Any) -> Any:
    return W * x * (2.0 if random.random() < 0.5 else 0.0)


ticks = itertools.count()


def ticking(x: Any) -> Any:
    return W * x * next(ticks)


def by_the_clock(x: Any) -> Any:
    return W * x * time.perf_counter_ns()


@pytest.mark.parametrize("function", [ticking, by_the_clock])
@pytest.mark.parametrize("around", [contextlib.nullcontext, ag.no_grad])
def test_a_number_that_changes_is_found_by_the_second_call(function: Any, around: Any) -> None:
    f = ag.compile(function)
    with around():
        f(1.0)
        with pytest.raises(RuntimeError, match="ran otherwise a second time"):
            f(1.0)


@pytest.mark.parametrize("function", [ticking, by_the_clock])
@pytest.mark.parametrize("how", ["mean", "sum", "map", "rows"])
def test_a_number_that_changes_is_found_by_the_first_call_over_rows(function: Any, how: str) -> None:
    with pytest.raises(RuntimeError, match="ran otherwise a second time"):
        getattr(ag.compile(function), how)([1.0] * 4)


def test_a_loss_without_arguments_is_run_again() -> None:
    loss = ag.compile(lambda: ag.sum([ticking(x) for x in (1.0, 2.0, 3.0)]))
    with pytest.raises(RuntimeError, match="ran otherwise a second time"):
        [loss().data for _ in range(2)]


class Coins:
    """Generators of random numbers in the places where people keep them."""

    def __init__(self, seed: int) -> None:
        np = pytest.importorskip("numpy")
        self.own, self.generator, self.legacy = (
            random.Random(seed),
            np.random.default_rng(seed),
            np.random.RandomState(seed),
        )
        self.toss = random.Random(seed).random


def functions_of(coins: Coins) -> dict[str, Any]:
    """Functions of few outcomes: two runs are most often alike. Each by the name of its generator."""
    toss = coins.toss
    return {
        "random": dropout,
        "numpy.random": lambda x: W * x * (sys.modules["numpy"].random.rand() < 0.9),
        "coins.own": lambda x: W * x * (coins.own.random() < 0.9),
        "coins.generator": lambda x: W * x * float(coins.generator.integers(2)),
        "coins.legacy": lambda x: W * x * float(coins.legacy.randint(2)),
        "coins": lambda x: W * x * (coins.toss() < 0.9),
        "Random": lambda x: W * x * (toss() < 0.9),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("how", ["call", "mean", "map", "rows"])
def test_drawing_a_random_number_is_refused_at_the_recording(seed: int, how: str) -> None:
    random.seed(seed)
    for name, function in functions_of(Coins(seed)).items():
        f = ag.compile(function)
        why = f"draws random numbers from {re.escape(name)}, which every replay would have again; draw them outside"
        for _ in range(2):
            with pytest.raises(RuntimeError, match=why):
                f(1.0) if how == "call" else getattr(f, how)([1.0] * 4)
    with pytest.raises(RuntimeError, match="draws random numbers from Random"):
        ag.compile(lambda x, rng: W * x * rng.randrange(1, 3))(1.0, random.Random(seed))


def test_a_branch_that_draws_is_refused_when_it_is_taken() -> None:
    f = ag.compile(lambda x: dropout(x) if x > 2.0 else W * x)
    assert [f(1.0).data for _ in range(3)] == [W.data] * 3
    with pytest.raises(RuntimeError, match="draws random numbers from random"):
        f(3.0)
    assert f(1.0).data == W.data


def test_numbers_that_are_drawn_once_are_kept() -> None:
    cache: dict[str, Value] = {}

    @ag.compile
    def f(x: Any) -> Any:
        if not cache:
            cache["w"] = Value(random.random())
        return cache["w"] * x

    assert [f(x).data for x in (1.0, 1.0, 2.0)] == [cache["w"].data * x for x in (1.0, 1.0, 2.0)]


def test_a_generator_without_a_state_is_found_by_what_comes_out() -> None:
    system = random.SystemRandom()
    f = ag.compile(lambda x: W * x * system.random())
    f(1.0)
    with pytest.raises(RuntimeError, match="ran otherwise a second time"):
        f(1.0)


def test_a_net_that_drops_out_whenever_it_is_called_predicts_as_in_a_loop() -> None:
    class Noisy(nn.Module):
        def __init__(self) -> None:
            self.w = Value(2.0)

        def __call__(self, x: Any) -> Any:
            return self.w * x[0] * (random.random() < 0.99)

    rows = [[float(i)] for i in range(1, 201)]
    for seed in range(5):
        model = Noisy()
        random.seed(seed)
        found = model.predict(rows)
        random.seed(seed)
        assert found == [model(row).data for row in rows]


def test_it_is_run_again_at_growing_distances() -> None:
    runs = itertools.count()
    f = ag.compile(lambda x: W * x * (1.0 if next(runs) >= 0 else 0.0))
    counts = []
    for _ in range(40):
        f(1.0)
        counts.append(int(repr(runs)[6:-1]))
    assert [i + 1 for i in range(1, 40) if counts[i] > counts[i - 1]] == [2, 4, 8, 16, 32]


def test_what_is_found_late_is_said_with_the_calls() -> None:
    numbers = itertools.chain([1.0] * 3, itertools.repeat(2.0))
    f = ag.compile(lambda x: W * x * next(numbers))
    with pytest.raises(RuntimeError, match=r"had the number 1\.0, and has 2\.0 now.*late: calls 5 to 7 since the rec"):
        for _ in range(9):
            f(1.0)
    assert f(1.0).data == 3.0 and f(1.0).data == 3.0, "recorded anew"


def test_random_numbers_are_drawn_as_if_there_were_no_second_run() -> None:
    np = pytest.importorskip("numpy")
    own, generator = random.Random(3), np.random.default_rng(3)

    runs = itertools.count()

    def f(x: Any) -> Any:
        if next(runs):
            random.random(), np.random.rand(), own.random(), generator.random()
        return W * x

    def drawn() -> list[float]:
        return [random.random(), float(np.random.rand()), own.random(), float(generator.random())]

    def seed() -> None:
        random.seed(3)
        np.random.seed(3)
        own.seed(3)
        generator.bit_generator.state = np.random.default_rng(3).bit_generator.state

    compiled = ag.compile(f)
    compiled(1.0)
    seed()
    compiled(1.0)  # the second call: no run of its own, but the one beside it
    untouched = drawn()
    seed()
    assert untouched == drawn() and next(runs) == 2


def test_an_error_in_the_second_run_leaves_everything_as_it_was() -> None:
    runs = itertools.count()

    def f(x: Any) -> Any:
        if next(runs) == 1:
            random.random()
            raise ZeroDivisionError
        return W * x

    compiled = ag.compile(f)
    compiled(1.0)
    state = random.getstate()
    with pytest.raises(ZeroDivisionError):
        compiled(1.0)
    assert random.getstate() == state
    assert [compiled(x).data for x in (1.0, 2.0)] == [1.5, 3.0] and compiled.branches == 1


def test_threads_may_call_one_function() -> None:
    config = fresh(k=1.0)
    f, wrong = ag.compile(lambda x: W * x * config.k), []

    def call(x: float) -> None:
        for _ in range(200):
            if f(x).data != W.data * x:
                wrong.append(x)

    threads = [threading.Thread(target=call, args=(float(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# --------------------------------------------------------------------------------------------- random programs

LEAVES = [0.0, -0.0, 1.0, -1.0, 0.5, 1, True, 2.0]


def random_thing(rng: random.Random, depth: int) -> Any:
    kind = rng.choice(["number", "value", "list", "dict", "object", "slots", "tuple", "array"]) if depth else "number"
    parts = [random_thing(rng, depth - 1) for _ in range(rng.randint(1, 3))] if kind not in ("number", "value") else []
    if kind == "number":
        return rng.choice(LEAVES)
    if kind == "value":
        return Value(rng.choice(LEAVES))
    if kind == "array":
        return array("d", [rng.choice(LEAVES) for _ in parts])
    if kind in ("list", "tuple"):
        return parts if kind == "list" else tuple(parts)
    if kind == "dict":
        return dict(zip(rng.sample(["a", "b", 1, True, "c"], len(parts)), parts, strict=False))
    if kind == "slots":
        return Slotted(parts[0])
    thing = Thing()
    for name, part in zip("abc", parts, strict=False):
        setattr(thing, name, part)
    return thing


class Thing:
    a: Any = 3.0


@dataclass(slots=True, eq=False)
class Slotted:
    a: Any


def parts_of(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return [*thing.values()]
    if isinstance(thing, list | tuple | array):
        return [*thing]
    return [getattr(thing, name) for name in "abc" if hasattr(thing, name)]


def read(thing: Any) -> Any:
    """Return a number that depends on everything in a thing: its order, its keys, signs of zero, classes."""
    if isinstance(thing, Value):
        return thing * 2.0 + 1.0
    if isinstance(thing, bool):
        return 11.0
    if isinstance(thing, int | float):
        return thing * 3.0 + math.copysign(0.25, thing) + (0.125 if isinstance(thing, int) else 0.0)
    total: Any = float(len(str(type(thing))))
    if isinstance(thing, dict):
        total += sum(len(str(key)) * (i + 1.0) for i, key in enumerate(thing))
    for i, part in enumerate(parts_of(thing)):
        total = total * 0.5 + read(part) * (i + 1.0)
    return total


def mutate(rng: random.Random, thing: Any) -> None:
    """Change a random place in a thing, or nothing."""
    inner = [part for part in parts_of(thing) if not isinstance(part, bool | int | float | Value)]
    if inner and (isinstance(thing, tuple) or rng.random() < 0.6):
        return mutate(rng, rng.choice(inner))
    new = random_thing(rng, rng.randint(0, 2))
    if isinstance(thing, array):
        thing[rng.randrange(len(thing))] = rng.choice(LEAVES)
    elif isinstance(thing, list):
        change = rng.randrange(5)
        if change == 0 and len(thing) > 1:
            thing.pop(rng.randrange(len(thing)))
        elif change == 1:
            thing.insert(rng.randint(0, len(thing)), new)
        elif change == 2:
            thing.reverse()
        elif change == 3 and isinstance(thing[0], Value):
            thing[0] = thing[0].data
        else:
            thing[rng.randrange(len(thing))] = new
    elif isinstance(thing, dict):
        key = rng.choice([*thing])
        if rng.random() < 0.5:
            thing[rng.choice(["a", "d", key])] = thing.pop(key)
        else:
            thing[key] = new
    elif isinstance(thing, Thing) and "a" in vars(thing) and rng.random() < 0.3:
        del thing.a
    elif isinstance(thing, Thing | Slotted):
        thing.a = new


@pytest.mark.parametrize("seed", range(150))
def test_random_structures_and_changes(seed: int) -> None:
    rng = random.Random(seed)
    root = [random_thing(rng, 4)]
    f = ag.compile(lambda x: W * x + read(root))
    calls = rng.choice([f, lambda x: f.mean([x, x])])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="compile: .* changes from call to call")
        for _ in range(30):
            if rng.random() < 0.4:
                mutate(rng, root)
            x = rng.choice([1.0, 2.0])
            expected, found = f.function(Value(x)), calls(x)
            assert same_numbers([found.data], [expected.data])


# ------------------------------------------------------------------------------------------------------- speed


def test_watching_a_net_costs_little_and_a_small_function_next_to_nothing() -> None:
    net = nn.MLP(2, [16, 16, 1], seed=0)
    around = walk.Surroundings(lambda x: net(x))
    assert around.always.size < 1000 and not around.seldom.size
    small = walk.Surroundings(lambda x: W * x)
    assert small.always.size < 20


@pytest.mark.filterwarnings("ignore:compile")
def test_a_function_that_runs_as_it_is_gets_values_too():
    calls = [0.0]

    @ag.compile
    def f(x):
        calls[0] += 1.0
        return W * x.tanh() * calls[0]

    for n in range(1, 9):
        assert f(0.5).data == pytest.approx(W.data * ag.tanh(0.5) * n)
    before = calls[0]
    assert f.mean([0.5, 0.5]).data == pytest.approx(W.data * ag.tanh(0.5) * (before + 1.5))

    @ag.compile
    def outer(x):
        return inner(2.0) * x

    inner = ag.compile(lambda x: W * x.tanh())
    with ag.anomaly():
        assert inner(2.0).data == W.data * ag.tanh(2.0)
    assert [outer(x).data for x in (1.0, 2.0, 3.0)] == [W.data * ag.tanh(2.0) * x for x in (1.0, 2.0, 3.0)]


def test_a_comparison_that_runs_out_of_memory_says_so(monkeypatch):
    f = ag.compile(lambda x: W * x)
    f(1.0)

    def fails(_: Any) -> bool:
        raise MemoryError

    monkeypatch.setattr(Snapshot, "_same_objects", fails)
    monkeypatch.setattr(f._around.always, "_same", None)
    with pytest.raises(MemoryError):
        f(2.0)
    monkeypatch.undo()
    assert f(2.0).data == 3.0
