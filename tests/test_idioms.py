"""Programs that people have: the ways in which micrograd, its lectures and microgpt are used and extended.

Each stands here as a small program of its own; the numbers are those that micrograd's way of doing it gives.
"""

import copy
import functools
import math
import pickle
import random

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.ops import TABLE

# ------------------------------------------------------------------------------------------- subclasses of Value


class Weight(Value):
    """A parameter that a user's own program tells from other values."""

    def __init__(self, data, decay=0.0):
        super().__init__(data)
        self.decay = decay

    def shrunk(self):
        return self * (1.0 - self.decay)


BINARY = ["a + b", "a - b", "a * b", "a / b", "a ** b", "a % b", "a // b", "a.arctan2(b)"]
UNARY = ["-a", "+a", "abs(a)", "a.exp()", "a.relu()", "a ** 2", "2 ** a", "1 - a", "a.elu(0.5)"]
OF_LISTS = ["ag.dot([a, b], [b, 1.0], a)", "ag.sum([a, b])", "ag.softmax([a, b, 0.0])[0]", "ag.maximum(a, b)"]


@pytest.mark.parametrize("text", [*BINARY, *UNARY, *OF_LISTS])
def test_a_subclass_works_with_every_operation_on_both_sides(text):
    def gradients(first, second):
        a, b = first(1.5), second(0.5)
        out = eval(text, {"ag": ag, "a": a, "b": b})
        out.backward()
        assert type(out) is Value and all(x.__class__ in (Value, float) for x in out.operands)
        return out.data, a.grad, b.grad, a.has_grad

    expected = gradients(Value, Value)
    assert expected[3] and gradients(Weight, Value) == gradients(Value, Weight) == gradients(Weight, Weight) == expected


def test_leaves_and_results_are_of_one_type():
    leaf, result, weight = Value(1.0), Value(1.0) * 2, Weight(1.0)
    assert type(leaf) == Value and type(leaf) == type(result) and Value in {type(leaf)}  # noqa: E721
    assert {Value: "value"}[type(leaf)] == "value" and type(leaf) in (float, Value)
    assert type(weight) == Weight and type(weight) != Value and type(leaf) != Weight and type(leaf) != float  # noqa: E721
    assert Weight not in {Value, type(leaf)}


def test_a_subclass_is_what_it_is_and_stays_so_in_copies():
    w = Weight(3.0, decay=0.1)
    w.label = "w"
    assert type(w) is Weight and isinstance(w, Weight) and isinstance(w, Value) and not isinstance(w * 1, Weight)
    for again in (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert (type(again), again.data, again.label, again.decay, again.parents) == (Weight, 3.0, "w", 0.1, ())
    loss = w.shrunk() ** 2
    loss.backward()
    assert w.grad == pytest.approx(2 * 2.7 * 0.9)
    assert type(w.detach()) is not Weight and repr(w).startswith("Value(data=3.0, ") and "label='w'" in repr(w)
    bare = type("Bare", (Value,), {})
    assert ag.grad(bare(2.0) * bare(3.0) + Value(1.0), Value(0.0)) == 0.0


def trained(kind):
    """Fit y = 3x - 1 by hand and return the losses."""
    w, b = kind(0.0), kind(0.0)
    losses = []
    for _ in range(20):
        loss = sum(((w * x + b) - (3 * x - 1)) ** 2 for x in (-1.0, 0.0, 0.5, 2.0))
        for p in (w, b):
            p.grad = 0.0
        loss.backward()
        for p in (w, b):
            p.data -= 0.05 * p.grad
        losses.append(loss.data)
    return losses


def test_a_net_of_subclasses_trains_like_one_of_values():
    assert trained(Weight) == trained(Value)
    assert trained(Weight)[-1] < 0.1


def test_a_subclass_in_nn_compile_and_grad():
    w = Weight(2.0)

    @ag.compile
    def f(x):
        return (w * x).tanh()

    for x in (0.1, 0.2, 0.3):
        f(x).backward()
    assert w.grad == pytest.approx(sum(x / math.cosh(2 * x) ** 2 for x in (0.1, 0.2, 0.3)))

    class Line(nn.Module):
        def __init__(self):
            self.slope, self.offset = Weight(0.0), Weight(0.0)

    line = Line()
    assert line.parameters() == [line.slope, line.offset]
    nn.SGD(line.parameters(), lr=0.1)
    assert ag.grad(w * w, w) == 4.0 and ag.hessian(w**3, [w]) == [[12.0]]


# --------------------------------------------------------------------------------------- equality, lists, truth


def by_list(root):
    """Sort a graph with a list of what was visited, as in many a homework, and go back through it by hand."""
    topo = []

    def build(v):
        if v not in topo:
            for child in v._prev:
                build(child)
            topo.append(v)

    build(root)
    root.grad = 1.0
    for v in reversed(topo):
        v._backward()
    return topo


def test_a_topological_sort_with_a_list():
    a, b = Value(2.0), Value(3.0)
    y = a * b + (a + 4.0)  # two nodes that are both 6.0
    by_list(y)
    assert (a.grad, b.grad) == (4.0, 2.0)


def test_a_list_finds_a_value_by_identity():
    zeros = [Value(0.0) for _ in range(3)]
    assert zeros.index(zeros[2]) == 2 and Value(0.0) not in zeros and zeros.count(zeros[1]) == 1
    zeros.remove(zeros[1])
    assert len(zeros) == 2
    assert zeros[0] == 0.0 and zeros[0] == 0 and zeros[0] != zeros[1] and zeros[0] <= zeros[1]


def test_the_truth_of_a_value_is_that_of_its_number():
    assert not Value(0.0) and Value(-1.0)


def test_a_tie_is_a_tie_of_numbers():
    """Two equal operands share the gradient, in second derivatives, too, though they are two objects."""
    a, b = Value(2.0), Value(2.0)
    assert ag.maximum(a, b).partials == (0.5, 0.5)
    assert ag.grad(ag.maximum(a, b) * a, [a, b], create_graph=True)[1].data == 1.0
    assert math.isnan(ag.grad(ag.maximum(Value(math.nan), b), b))


# --------------------------------------------------------------------------------------- operations of one's own


def my_tanh(x):
    e = math.exp(2 * x.data)
    t = (e - 1) / (e + 1)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def cube_plus(x, y):
    out = Value(x.data**3 + y.data, (x, y), "cube_plus")

    def _backward():
        x.grad += 3 * x.data**2 * out.grad
        y.grad += out.grad

    out._backward = _backward
    return out


def test_the_lectures_tanh_by_a_closure():
    x, w = Value(0.7), Value(-1.2)
    mine = my_tanh(x * w) * 3.0
    mine.backward()
    found = x.grad, w.grad
    x.zero_grad(), w.zero_grad()
    ((x * w).tanh() * 3.0).backward()
    assert found == pytest.approx((x.grad, w.grad))
    assert my_tanh(x).operation is TABLE["tanh"]  # what fits the row is the row's: it can be differentiated again


def test_an_operation_that_only_its_closure_knows():
    x, y = Value(2.0, label="x"), Value(5.0, label="y")
    x.grad = 7.0
    out = cube_plus(x, y)
    assert (out.op, out._op, out.partials, out.has_grad, x.grad, y.has_grad) == (
        "cube_plus", "cube_plus", (12.0, 1.0), False, 7.0, False)  # fmt: skip
    (2 * out).backward()
    assert (x.grad, y.grad) == (7.0 + 24.0, 2.0)
    x.data = 100.0  # local derivatives are fixed when recorded
    x.zero_grad()
    out.backward()
    assert x.grad == 12.0
    assert "cube_plus" in ag.draw(out).svg and ag.explain(out, wrt=x).value == 12.0


def test_a_closure_over_one_operand_twice():
    x = Value(3.0)
    out = Value(9.0, (x, x), "*")

    def _backward():
        x.grad += x.data * out.grad
        x.grad += x.data * out.grad

    out._backward = _backward
    assert out.partials == (3.0, 3.0) and out.operation is TABLE["mul"]
    mine = Value(9.0, (x, x), "my_square")
    mine._backward = lambda: setattr(x, "grad", x.grad + 2 * x.data * mine.grad)
    mine.backward()
    assert x.grad == 6.0


def test_an_operation_made_by_hand_is_drawn_by_its_name_or_as_its_row():
    x = Value(3.0)
    own, known = (Value(9.0, (x, x), op, partials=(6.0, 0.0)) for op in ("mine", "*"))
    assert own.operation.symbol == "mine" and known.operation.symbol == "×"


def test_a_closure_wins_over_the_row():
    """A straight-through estimator: the result of a step, the slope of a line."""
    x = Value(0.3)
    out = Value(1.0, (x,), "sign")
    assert out.partials == (0.0,)
    out._backward = lambda: setattr(x, "grad", x.grad + out.grad)
    out.backward()
    assert x.grad == 1.0


def test_whatever_a_closure_does_the_gradients_are_put_back():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    x.grad, y.grad = 5.0, 6.0
    out = Value(1.0, (x,), "mine")

    def fails():
        x.grad += 1.0
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        out._backward = fails

    def elsewhere():
        y.grad += out.grad

    with pytest.raises(ValueError, match=r"_backward adds to the gradient of y, which is not among its operands"):
        out._backward = elsewhere
    with pytest.raises(TypeError, match="expected a function without arguments, not 3"):
        out._backward = 3
    assert (x.grad, y.grad, out.has_grad) == (5.0, 6.0, False)
    with pytest.raises(ValueError, match=r"'mine'.*local derivatives are unknown"):
        out.backward()
    x._backward = lambda: None  # as micrograd's own constructor does for a leaf
    assert x.parents == ()


def test_closures_that_are_methods_or_partial_functions():
    class Doubler:
        def __init__(self, x):
            self.x = x
            self.out = Value(2 * x.data, (x,), "double")
            self.out._backward = self.push

        def push(self):
            self.x.grad += 2.0 * self.out.grad

    x = Value(4.0)
    Doubler(x).out.backward()
    assert x.grad == 2.0

    def push(x, out, by):
        x.grad += by * out.grad

    out = Value(20.0, (x,), "five")
    out._backward = functools.partial(push, x, out, 5.0)
    out.backward()
    assert x.grad == 7.0


def test_inside_no_grad_an_operation_of_ones_own_is_a_leaf():
    x = Value(2.0)
    with ag.no_grad():
        out = cube_plus(x, x)
    assert (out.data, out.parents, out.op) == (10.0, (), "")


def test_the_row_is_used_only_for_what_it_gives():
    x = Value(8.0)
    assert Value(math.log(8.0), (x,), "log").partials == (0.125,)
    with pytest.raises(ValueError, match=r"log of 8.0 is 2.07\d+, not 3.0, so its local derivatives are unknown"):
        Value(math.log2(8.0), (x,), "log").backward()
    leaky = Value(-0.1, (Value(-1.0),), "ReLU")
    with pytest.raises(ValueError, match=r"relu of -1.0 is 0.0, not -0.1"):
        leaky.backward()


class MyMicrograd:
    """micrograd's operators, written anew with closures: what a student types along with the lecture."""

    def add(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out

    def mul(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def power(self, k):
        out = Value(self.data**k, (self,), f"**{k}")

        def _backward():
            self.grad += k * self.data ** (k - 1) * out.grad

        out._backward = _backward
        return out

    def relu(self):
        out = Value(0 if self.data < 0 else self.data, (self,), "ReLU")

        def _backward():
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out


def many_operations(a, b):
    c = a * b + b**3
    d = (c + a * 2).relu() + (b + -1 * a).relu() * 3
    return (d + c * -0.5) ** 2 * 0.25


def test_a_class_typed_along_with_the_lecture(monkeypatch):
    def run():
        a, b = Value(-2.0), Value(1.5)
        out = many_operations(a, b)
        out.backward()
        return out.data, a.grad, b.grad

    expected = run()
    own = {"__add__": "add", "__radd__": "add", "__mul__": "mul", "__rmul__": "mul", "__pow__": "power", "relu": "relu"}
    for name, method in own.items():
        monkeypatch.setattr(Value, name, getattr(MyMicrograd, method))
    assert run() == pytest.approx(expected)


# -------------------------------------------------------------------------------------- attributes of one's own


def test_adams_state_on_the_parameters():
    random.seed(0)
    model = nn.MLP(2, [3, 1])
    for p in model.parameters():
        p.m, p.v = 0.0, 0.0
    data = [((0.5, -1.0), 1.0), ((-1.0, 0.3), -1.0)]
    losses = []
    for step in range(1, 61):
        loss = sum((model(x) - y) ** 2 for x, y in data)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.m = 0.9 * p.m + 0.1 * p.grad
            p.v = 0.99 * p.v + 0.01 * p.grad**2
            p.data -= 0.05 * (p.m / (1 - 0.9**step)) / (math.sqrt(p.v / (1 - 0.99**step)) + 1e-8)
        losses.append(loss.data)
    assert losses[-1] < 0.01 * losses[0]


def test_attributes_are_a_leafs():
    x = Value(2.0)
    x.name, x.requires_grad = "x", True
    assert copy.copy(x).name == copy.deepcopy(x).name == pickle.loads(pickle.dumps(x)).name == "x"
    y = x * x
    with pytest.raises(AttributeError, match="'Value' object has no attribute 'color'"):
        y.color = "red"
    assert not hasattr(y, "__dict__") and not hasattr(y, "name")
    leaf = y.detach()
    leaf.color = "red"
    assert leaf.color == "red"


# ------------------------------------------------------------------------------------------- microgpt, micrograd


def rms_norm(xs):
    mean = sum(x * x for x in xs) / len(xs)
    return [x * (mean + 1e-5) ** -0.5 for x in xs]


def test_microgpts_constructor_and_names():
    x, y = Value(2.0), Value(3.0)
    out = Value(x.data * y.data, (x, y), (y.data, x.data))
    assert out._children == (x, y) and out._local_grads == (3.0, 2.0)
    topo = by_children(out * 2)
    assert (x.grad, y.grad, len(topo)) == (6.0, 4.0, 5)
    assert Value(5.0, (), ()).parents == ()
    assert Value(x.data * y.data, (x, y), [y.data, x.data]).partials == (3.0, 2.0)
    partly = Value(6.0, (x, 3.0), (3.0, 2.0))  # one for each child, numbers too
    assert partly.partials == (3.0,) and partly._children[1].data == 3.0
    with pytest.raises(ValueError, match="give one local derivative for each"):
        Value(6.0, (x, y), (3.0,))
    with pytest.raises(TypeError, match=r"_op\): expected the name of an operation"):
        Value(6.0, (x, y), 3.0)
    xs = [Value(v) for v in (0.5, -1.0, 2.0)]
    sum(rms_norm(xs)).backward()
    assert ag.check_gradients(lambda *xs: sum(rms_norm(xs)), xs)


def by_children(root):
    """Go back through a graph with microgpt's names."""
    topo, visited = [], set()

    def build(v):
        if v not in visited:
            visited.add(v)
            for child in v._children:
                build(child)
            topo.append(v)

    build(root)
    root.grad = 1
    for v in reversed(topo):
        for child, local_grad in zip(v._children, v._local_grads, strict=True):
            child.grad += local_grad * v.grad
    return topo


def test_local_gradients_stand_beside_the_children_numbers_too():
    x = Value(2.0)
    assert (3.0 * x)._local_grads == (2.0, 3.0) and (x - 1)._local_grads == (1.0, -1.0)
    assert ag.dot([x], [4.0], 1.0)._local_grads == (4.0, 2.0, 1.0)


def test_a_label_as_the_second_argument():
    assert (Value(2.0, "x").label, Value(2.0, "x").parents, Value(2.0, "", "").label) == ("x", (), "")


def test_previous_nodes_in_the_operands_order():
    x, y = Value(2.0), Value(3.0)
    assert (x - y)._prev == (x, y) and (x + x)._prev == (x, x) and x._prev == ()
    one, also = (1 - x)._prev
    assert (one.data, one.parents, also is x) == (1.0, (), True)
    assert set((x * y)._prev) == {x, y}


def trace_as_in_the_lecture(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_a_drawing_of_ones_own():
    x = Value(0.5, label="x")
    e = (2 * x).exp()
    out = (e - 1) / (e + 1)
    nodes, edges = trace_as_in_the_lecture(out)
    assert (len(nodes), len(edges)) == (9, 9)  # the three numbers among them
    assert sorted(node._op for node in nodes) == ["", "", "", "", "*", "+", "-", "/", "exp"]


def test_operations_in_micrograds_words():
    x = Value(2.0)
    words = [(x**3)._op, (x**-0.5)._op, (x**x)._op, (2**x)._op, x.relu()._op, x.tanh()._op, x._op]
    assert words == ["**3", "**-0.5", "**", "**", "ReLU", "tanh", ""]
    assert (x**3).op == "**" and x.relu().op == "relu"
    again = Value(8.0, (x,), (x**3)._op)
    assert again.partials == (12.0,)


# --------------------------------------------------------------------------------------- PyTorch's ways, DeZero's


def test_a_seed_for_backward():
    x, y = Value(3.0), Value(2.0)
    z = x * y
    z.backward(2.0)
    assert (x.grad, y.grad, z.grad) == (4.0, 6.0, 2.0)
    z.backward(gradient=-1)
    z.backward(None, retain_graph=True)
    assert x.grad == 4.0 - 2.0 + 2.0
    f = ag.compile(lambda v: v * x)
    x.grad = 0.0
    f(5.0), f(6.0).backward(0.5)
    assert x.grad == 3.0
    with ag.anomaly():
        (x * 2.0).backward(10.0)
    assert x.grad == 23.0
    with pytest.raises(ValueError, match=r"ag\.grad\(out, inputs, create_graph=True\)"):
        z.backward(create_graph=True)
    with pytest.raises(TypeError, match="it is a Value already"):
        z.backward(Value(1.0))


def test_other_spellings_of_methods():
    x, y = Value(0.5), Value(0.25)
    for own, other in [
        ("arcsin", "asin"),
        ("arccos", "acos"),
        ("arctan", "atan"),
        ("arcsinh", "asinh"),
        ("arctanh", "atanh"),
    ]:
        assert getattr(x, own)().data == getattr(x, other)().data
        assert getattr(x, other)().op == own
    assert Value(2.0).acosh().data == math.acosh(2.0) and x.atan2(y).data == math.atan2(0.5, 0.25)
    assert (-x).abs().data == 0.5 and x.pow(3).data == 0.125 and x.pow(y).partials == (x**y).partials
    assert x.atan2(1.0).partials == (ag.arctan2(x, 1.0).partials[0],)


def test_functions_that_others_have():
    x = Value(8.0)
    assert (ag.log2(x).data, ag.log10(Value(1000.0)).data, ag.exp2(Value(10.0)).data) == (3.0, 3.0, 1024.0)
    assert (x.square().data, x.reciprocal().data, (-x).sign().data, Value(0.0).sign().data) == (64.0, 0.125, -1.0, 0.0)
    assert (ag.rad2deg(math.pi), ag.deg2rad(180.0)) == (180.0, math.pi)
    assert ((x // 3).data, (17 // x).data, (x // Value(3.0)).partials, (x // 3).op) == (2.0, 2.0, (0.0, 0.0), "//")
    for f in (ag.log2, ag.log10, ag.exp2, ag.square, ag.reciprocal, ag.rad2deg, ag.deg2rad):
        assert ag.check_gradients(f, [1.7])


def test_zero_dimensional_arrays_are_refused_with_the_way_out():
    np = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match=r"use \.item\(\)"):
        Value(np.array(2.0))
    assert (np.log2(np.array([Value(4.0)]))[0].data, np.arctan2(np.array([Value(1.0)]), 2.0)[0].data) == (
        2.0, math.atan2(1.0, 2.0))  # fmt: skip


# --------------------------------------------------------------------------------------------- what Tab shows


def test_completion_shows_what_users_may_use_and_nothing_internal():
    shown = {name for name in dir(ag) if not name.startswith("__")}
    starred = set(ag.__all__)
    assert starred <= shown and shown - starred <= {
        "abs", "add", "compile", "div", "floor_divide", "mod", "mul", "neg", "pos", "pow", "sub", "sum"}  # fmt: skip
    assert {"compile", "define_op", "draw", "nn", "datasets", "log2"} <= shown
    assert all(hasattr(ag, name) for name in shown)
    rooms = {
        "engine",
        "functions",
        "ops",
        "modes",
        "coerce",
        "view",
        "flow",
        "import_module",
        "Any",
        "TYPE_CHECKING",
    }
    helpers = {name for name, row in TABLE.items() if row.helper}
    assert "arctan2_slope" in helpers and not shown & (rooms | helpers | {"apply"})
    assert not any(hasattr(Value, name) for name in helpers)
    assert {name for name in dir(nn) if not name.startswith("__")} == set(nn.__all__)


def test_the_command_lines_known_functions_are_those_of_users():
    from autograd_lite.cli.expressions import known_functions

    known = known_functions()
    assert not any(row.helper for row in known.values()) and {"tanh", "asin", "max", "log2"} <= set(known)
    assert "atan2_slope" not in known


# ---------------------------------------------------------------------------------- parts of a net of one's own


class TanhNeuron(nn.Neuron):
    def __call__(self, x):
        return sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b).tanh()


def by_tanh(model, x):
    """Return what a net of TanhNeurons gives, with plain numbers."""
    for layer in model.layers:
        x = [math.tanh(sum(w.data * v for w, v in zip(n.w, x, strict=True)) + n.b.data) for n in layer.neurons]
    return x[0]


def test_a_neuron_of_ones_own_is_called_by_layer_and_net():
    model = nn.MLP(2, [2, 1], seed=1)
    for layer in model.layers:
        layer.neurons = [TanhNeuron(len(neuron.w)) for neuron in layer.neurons]
    out = model([0.5, -1.0])
    assert out.data == pytest.approx(by_tanh(model, [0.5, -1.0]))
    assert model.layers[0]([0.5, -1.0])[0].op == "tanh" and repr(model.layers[1]) == "Layer of [TanhNeuron(2)]"
    out.backward()
    assert all(p.has_grad for p in model.parameters()) and "tanh" in ag.draw(out).svg
    assert "TanhNeuron" in str(model.summary()) and "9 parameters" in str(model.summary())


def test_a_patched_neuron_is_called_too(monkeypatch):
    monkeypatch.setattr(nn.Neuron, "__call__", TanhNeuron.__call__)
    model = nn.MLP(2, [3, 1], seed=2)
    assert model([0.5, -1.0]).data == pytest.approx(by_tanh(model, [0.5, -1.0]))
    monkeypatch.setattr(nn.Layer, "__call__", lambda self, x: [n(x) * 2.0 for n in self.neurons])
    assert model([0.5, -1.0]).data != pytest.approx(by_tanh(model, [0.5, -1.0]))
    monkeypatch.undo()
    assert model([0.5, -1.0]).operation is TABLE["dot"]


@pytest.mark.parametrize("activation", ["linear", "softmax"])
def test_a_layer_of_linear_neurons_of_ones_own(activation):
    class Doubled(nn.Neuron):
        def __call__(self, x):
            return 2.0 * sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b)

    plain, own = (nn.Layer(2, 2, activation=activation, rng=random.Random(3)) for _ in range(2))
    own.neurons = [Doubled(2, nonlin=False, rng=random.Random(i)) for i in range(2)]
    for mine, theirs in zip(own.neurons, plain.neurons, strict=True):
        for a, b in zip(mine.w, theirs.w, strict=True):
            a.data = b.data / 2.0
    assert [a.data for a in own([1.0, -2.0])] == pytest.approx([a.data for a in plain([1.0, -2.0])])


class Line(nn.Module):
    """A layer that is no Layer: one output for one input."""

    def __init__(self):
        self.slope = Value(0.1)

    def __call__(self, xs):
        return self.slope * xs[0]


def test_any_callable_is_a_layer(tmp_path):
    model = nn.MLP(2, [3, 1], seed=0)
    model.layers.insert(1, lambda xs: [x.tanh() for x in xs])
    model.layers.append(Line())
    assert len(model.parameters()) == 14 and (model.nin, model.nouts) == (2, [3, None, 1, None])
    first, plain = model.layers[0], [x.data for x in model.layers[0]([0.5, -1.0])]
    expected = 0.1 * model.layers[2]([math.tanh(x) for x in plain]).data
    assert model([0.5, -1.0]).data == pytest.approx(expected) and first.neurons
    X, y = [[0.5, -1.0], [-1.0, 0.3], [1.0, 1.0]], [1.0, -1.0, 0.5]
    with pytest.raises(ValueError, match="loss: expected one to be given"):
        nn.fit(model, X, y, epochs=1, progress=False)
    history = nn.fit(model, X, y, loss="mse", epochs=60, lr=0.05, progress=False, seed=0)
    assert history.loss[-1] < 0.3 * history.loss[0]
    f = ag.compile(lambda a, b: model([a, b]))
    assert [f(*row).data for row in X] == [model(row).data for row in X]
    text = str(model.summary())
    assert "Line" in text and "<lambda>" in text and "14 parameters" in text and "Line" in repr(model)
    refused = {
        "save": lambda: model.save(tmp_path / "m.json"),
        "diagnose": lambda: nn.diagnose(model, X, y, "mse"),
        "diagnose.*": lambda: nn.fit(model, X, y, "mse", epochs=1, progress=False, diagnose=True),
    }
    for what, call in refused.items():
        with pytest.raises(ValueError, match=what + r": layer 2 computes in a way of its own \(<lambda>\)"):
            call()
    assert not (tmp_path / "m.json").exists()


def test_a_net_of_neurons_of_ones_own_is_not_saved_without_a_word(tmp_path):
    model = nn.MLP(2, [2, 1], seed=0)
    model.layers[1].neurons = [TanhNeuron(2)]
    with pytest.raises(ValueError, match=r"save: layer 2 computes in a way of its own \(TanhNeuron\).*state_dict"):
        model.save(tmp_path / "m.json")
    with pytest.raises(ValueError, match=r"logits: TanhNeuron\(2\) computes its output in a way of its own"):
        model.logits([1.0, 2.0])
    with pytest.raises(ValueError, match="loss: expected one to be given"):
        nn.fit(model, [[1.0, 2.0]], [1.0], epochs=1, progress=False)


def test_a_layer_reads_as_many_inputs_as_it_has_weights():
    model = nn.MLP(2, [3, 1], seed=0)
    model.layers.insert(1, lambda xs: xs[:2])
    with pytest.raises(ValueError, match=r"Layer\(3, 1\): expected 3 numbers, one for each input, got 2"):
        model([1.0, 2.0])
    model.layers[0] = lambda xs: [1.0, *xs]
    model.layers[1] = lambda xs: xs
    assert model([0.5, 0.25]).data == model.layers[2]([1.0, 0.5, 0.25]).data
    model.layers[1] = lambda xs: "text"
    with pytest.raises(TypeError, match="must be a real number, not str"):
        model([1.0, 2.0])


def test_sizes_as_numpy_gives_them():
    np = pytest.importorskip("numpy")
    classes = np.array([0, 1, 2])
    random.seed(5)
    model = nn.MLP(np.int64(2), [np.int32(4), classes.max() + 1])
    random.seed(5)
    assert model.state_dict() == nn.MLP(2, [4, 3]).state_dict() and model.nouts == [4, 3]
    assert nn.MLP(2, range(3, 0, -1)).nouts == nn.MLP(2, np.array([3, 2, 1])).nouts == [3, 2, 1]
    assert type(nn.Neuron(np.int64(2)).w) is list and len(nn.Layer(np.uint8(2), np.uint8(3)).neurons) == 3
    for wrong in (np.float64(2.0), np.bool_(True), 2.0, True, "3", 0, np.int64(0)):
        with pytest.raises(ValueError, match="nouts: expected a number of units"):
            nn.MLP(2, [wrong])
    for wrong in (3, "3", [], None):
        with pytest.raises(ValueError, match="nouts: expected"):
            nn.MLP(2, wrong)


def test_nonlin_can_be_set():
    neuron = nn.MLP(2, [2, 1], seed=0).layers[0].neurons[1]
    role = neuron.a_role
    neuron.nonlin = False
    assert (neuron.activation, neuron.nonlin, repr(neuron)) == ("linear", False, "LinearNeuron(2)")
    assert neuron([1.0, 2.0]).op == "dot" and neuron([1.0, 2.0]).role.symbol == "z"
    neuron.nonlin = True
    assert neuron([1.0, 2.0]).op == "relu" and neuron([1.0, 2.0]).role == role
    tanh = nn.Neuron(2, activation="tanh")
    tanh.nonlin = True
    assert tanh.activation == "tanh"


def test_partials_of_ones_own_under_the_name_of_a_row_are_not_replayed_as_the_row():
    w = Value(1.5)
    f = ag.compile(lambda x: Value(0.1 * 1.5, (w,), "relu", partials=(0.1,)) * x)
    with pytest.raises(TypeError, match="was recorded by hand, as Value"):
        f(2.0)
