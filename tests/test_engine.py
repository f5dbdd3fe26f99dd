"""The engine: what is recorded, what backward adds up, and what nothing may break."""

# ruff: noqa: RUF007, SIM201, SIM202, SIM300, SIM905

import copy
import gc
import io
import math
import pickle
import random
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import pytest

import autograd_lite as ag
from autograd_lite.anomaly import user_line
from autograd_lite.engine import Value, record
from autograd_lite.ops import TABLE
from autograd_lite.sweep import (
    add_to_gradients,
    clear_gradients,
    in_order,
    was_written,
    write_gradients,
    write_numbers,
)

# ------------------------------------------------------------------------------------- programs people know


def test_micrograds_example():
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert [f"{v:.4f}" for v in (g, a.grad, b.grad)] == ["24.7041", "138.8338", "645.5773"]


def lecture_neuron():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    return x1, x2, w1, w2, b, n


def test_the_lectures_neuron_with_backward_by_hand():
    x1, x2, w1, w2, b = leaves = lecture_neuron()[:5]
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    o = n.tanh()
    o.grad = 1.0
    for node in (o, n, both, x2w2, x1w1):
        node._backward()
    by_hand = [v.grad for v in leaves]
    assert by_hand == pytest.approx([-1.5, 0.5, 1.0, 0.0, 0.5], abs=1e-12)
    o.zero_grad()
    o.backward()
    assert [v.grad for v in leaves] == by_hand
    b._backward()  # a leaf has nobody to hand its gradient on to
    assert x1w1._prev == (x1, w1) and x1w1._op == "*"


def test_the_lectures_neuron_in_parts():
    x1, x2, w1, w2, _, n = lecture_neuron()
    e = (2 * n).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert [v.grad for v in (x1, x2, w1, w2)] == pytest.approx([-1.5, 0.5, 1.0, 0.0], abs=1e-12)


def test_the_exercise_with_softmax():
    logits = [Value(x) for x in (0.0, 3.0, -2.0, 1.0)]
    counts = [logit.exp() for logit in logits]
    denominator = sum(counts)
    loss = -(counts[3] / denominator).log()
    loss.backward()
    assert loss.data == 2.1755153626167147
    expected = [0.041772570515350445, 0.8390245074625319, 0.005653302662216329, -0.8864503806400986]
    assert [v.grad for v in logits] == pytest.approx(expected, rel=1e-15)
    fresh = [Value(x) for x in (0.0, 3.0, -2.0, 1.0)]
    ag.cross_entropy(fresh, 3).backward()
    assert [v.grad for v in fresh] == pytest.approx(expected, rel=1e-15)


def test_the_exercise_with_a_formula():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    f = -(a**3) + (3 * b).sin() - 1.0 / c + b**2.5 - a**0.5
    f.backward()
    assert f.data == pytest.approx(6.336362190988558, rel=1e-15)
    assert [a.grad, b.grad, c.grad] == pytest.approx([-12.353553390593273, 10.25699027111255, 0.0625], rel=1e-15)


def test_the_lectures_graph():
    a, b, c, f = Value(2.0), Value(-3.0), Value(10.0), Value(-2.0)
    e = a * b
    d = e + c
    L = d * f
    L.backward()
    assert [v.grad for v in (L, d, f, e, c, a, b)] == [1.0, -2.0, 4.0, -2.0, -2.0, 6.0, -4.0]
    assert L.data == -8.0


# ------------------------------------------------------------------------------------------------- backward


def test_an_operand_used_twice_counts_twice():
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2.0
    b = Value(3.0)
    (b * b).backward()
    assert b.grad == 6.0
    assert (b * b).parents == (b, b)
    x, y = Value(-2.0), Value(3.0)
    ((x * y) * (x + y)).backward()
    assert (x.grad, y.grad) == (-3.0, -8.0)


def test_equal_numbers_stay_two_nodes():
    a, b, c, d = Value(2.0), Value(6.0), Value(4.0), Value(3.0)
    (a * b + c * d).backward()
    assert [v.grad for v in (a, b, c, d)] == [6.0, 2.0, 3.0, 4.0]


def test_each_backward_adds_exactly_one_gradient():
    x = Value(3.0)
    square = x * x
    y = square**2
    for count in (1, 2, 3):
        y.backward()
        assert x.grad == count * 108.0
        assert (y.grad, square.grad) == (1.0, 18.0)  # inner nodes: the latest pass alone
    y.zero_grad()
    assert not any(v.has_grad for v in (x, square, y))


def test_a_leaf_a_ladder_and_a_node_within():
    leaf = Value(5.0)
    leaf.backward()
    leaf.backward()
    assert leaf.grad == 2.0
    x = top = Value(1.0)
    for _ in range(50):
        top = top + top
    top.backward()
    assert x.grad == 2.0**50
    a = Value(2.0)
    b = a * a
    c = b * a
    b.backward()
    c.backward()  # b's own pass does not weigh into c's
    assert a.grad == 4.0 + 12.0


def test_has_grad_tells_zero_from_never():
    x, unused = Value(-1.0), Value(1.0)
    y = x.relu()
    assert not x.has_grad
    y.backward()
    assert x.has_grad and x.grad == 0.0
    assert not unused.has_grad and unused.grad == 0.0
    unused.grad = 0.0
    assert unused.has_grad
    unused.zero_grad()
    assert not unused.has_grad
    with pytest.raises(TypeError, match="zero_grad"):
        x.grad = None


class Interruption:
    """Raise KeyboardInterrupt at the k-th line of the work of `Value.backward`."""

    def __init__(self, k):
        self.left = k

    def __call__(self, frame, event, argument):
        return self.line if frame.f_code in (Value._chain_rule.__code__, in_order.__code__) else None

    def line(self, frame, event, argument):
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self.line


def test_an_interrupt_anywhere_in_backward_leaves_the_leaves_as_they_were():
    x, w, unused = Value(0.5), Value(-1.5), Value(1.0)
    w.grad = 7.0
    unused.grad = 3.0
    y = x
    for _ in range(3):
        y = (y * w + x).tanh()
    y = ag.dot([y, x], [w, 2.0], unused)
    expected = ag.grad(y, [x, w, unused])
    tracer, k, done = sys.gettrace(), 0, False
    while not done:
        k += 1
        before = [x.grad, w.grad, unused.grad], x.has_grad
        sys.settrace(Interruption(k))
        try:
            y.backward()
            done = True
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(tracer)
        if not done:
            after = [x.grad, w.grad, unused.grad], x.has_grad
            complete = [before[0][i] + expected[i] for i in range(3)], True
            assert after in (before, complete), k
            if after == complete:  # interrupted behind the one write of all gradients
                x.zero_grad()
                w.grad, unused.grad = 7.0, 3.0
    assert k > 100
    assert [x.grad, w.grad, unused.grad] == [expected[0], 7.0 + expected[1], 3.0 + expected[2]]


def test_the_chain_rule_by_hand():
    x = Value(3.0)
    y = x * x
    y.grad = 0.5
    for expected in (3.0, 6.0):  # each step adds, and so do the two operands
        y._backward()
        assert x.grad == expected


def test_an_error_in_backward_leaves_the_leaves_as_they_were():
    x, w = Value(3.0), Value(2.0)
    y = Value(400.0, (x * w,), "swirl")
    x.grad = 5.0
    with pytest.raises(ValueError, match=r"'swirl'.*local derivatives are unknown"):
        y.backward()
    assert (x.grad, w.has_grad) == (5.0, False)


def test_writing_the_data_of_a_result_changes_no_edge():
    x, w = Value(3.0), Value(2.0)
    y = x * w
    y.data = 7
    y.backward()
    assert (y.data, type(y.data), x.grad, w.grad, y.operands) == (7.0, float, 2.0, 3.0, (x, w))


def test_writing_data_after_recording_changes_no_derivative():
    x = Value(2.0)
    y = x * x
    x.data = 10.0
    y.backward()
    assert (x.grad, y.data) == (4.0, 4.0)


def test_gradients_are_added_in_one_order_by_backward_and_by_grad():
    x = Value(1.0)
    for factors, expected in (((1.0, 1e16, -1e16), 1.0), ((-1e16, 1e16, 1.0), 0.0)):  # the last use first
        x.zero_grad()
        y = ag.sum([x * factor for factor in factors])
        y.backward()
        assert x.grad == ag.grad(y, x) == expected


def test_a_failing_operation_leaves_its_operands_usable():
    a = Value(2.0)
    y = a * a
    with pytest.raises(TypeError):
        y + "3"
    y.backward()
    assert a.grad == 4.0


# --------------------------------------------------------------------------------- size: depth, memory, cycles

DEEP = """
import sys
from autograd_lite import Value, sum
assert sys.getrecursionlimit() == 1000
x = Value(1.0)
y = x
for _ in range(1_000_000):
    y = y + 1.0
y.backward()
assert x.grad == 1.0 and y.data == 1_000_001.0
y.zero_grad()
del y
xs = [Value(1.0) for _ in range(1_000_000)]
total = sum(xs)
total.backward()
assert total.data == 1e6 and all(v.grad == 1.0 for v in xs)
print("freed")
"""


def test_a_chain_and_a_sum_of_a_million_nodes():
    run = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, timeout=120)
    assert (run.returncode, run.stdout) == (0, "freed\n"), run.stderr


def moons_graph():
    """Return the loss of micrograd's demo, written by hand on Values: 2-16-16-1 ReLU, hinge loss and L2."""
    draw = random.Random(1)
    sizes = (2, 16, 16, 1)
    net = [[([Value(draw.uniform(-1, 1)) for _ in range(n)], Value(0.0)) for _ in range(m)]
           for n, m in zip(sizes, sizes[1:], strict=False)]  # fmt: skip
    losses = []
    for sample in range(8):
        out = [Value(draw.uniform(-1, 1)) for _ in range(2)]
        for layer in net:
            out = [sum((w * x for w, x in zip(ws, out, strict=True)), b) for ws, b in layer]
            if layer is not net[-1]:
                out = [z.relu() for z in out]
        losses.append((1 + -(1.0 if sample % 2 else -1.0) * out[0]).relu())
    weights = [p for layer in net for ws, b in layer for p in (*ws, b)]
    return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in weights)


def test_at_most_170_bytes_a_node():
    moons_graph().backward()  # what is made once
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    loss = moons_graph()
    loss.backward()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert used / len(ag.topological_order(loss)) <= 170.0


def test_no_cycle_keeps_a_graph_alive():
    gc.collect()
    gc.disable()
    try:
        loss = moons_graph()
        loss.backward()
        xs = [Value(1.0), Value(2.0)]
        y = ag.softmax(xs)[0] * ag.logsumexp(xs) + ag.dot(xs, xs, loss)
        y.backward()
        del loss, xs, y
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_one_object_a_node_for_the_collector():
    a, b = Value(0.5), Value(2.0)
    operations = [lambda: a + b, lambda: 2 * a, lambda: a / b, lambda: a**2, lambda: a.tanh(), lambda: -a]
    gc.collect()
    gc.disable()
    try:
        for operation in operations:
            before = len(gc.get_objects())
            node = operation()
            node.backward()
            assert len(gc.get_objects()) - before <= 1
            tracked = [x for x in gc.get_referents(node) if gc.is_tracked(x) and not isinstance(x, Value | type)]
            assert tracked in ([], [node.operation])  # the row is shared by all nodes of its kind
    finally:
        gc.enable()


# -------------------------------------------------------------------------------------------- other numbers


def test_numpy_numbers_and_arrays_on_both_sides():
    np = pytest.importorskip("numpy")
    v = Value(3.0)
    for number in (np.float64(2), np.float32(2), np.int64(2), np.uint8(2)):
        for result, expected in [(number * v, 6), (v * number, 6), (number + v, 5), (v - number, 1), (number - v, -1),
                                 (v / number, 1.5), (number / v, 2 / 3), (v**number, 9), (number**v, 8)]:  # fmt: skip
            assert isinstance(result, Value) and type(result.data) is float and result.data == expected
            assert all(x.__class__ in (Value, float) for x in result.operands)
    assert (np.bool_(True) * v).data == 3.0 and Value(np.bool_(True)).data == 1.0 and (v * np.bool_(False)).data == 0.0
    assert type(Value(np.float64(2.0)).data) is float and "np." not in repr(Value(np.float64(2.0)))
    for array in (np.array([1.0, 2.0]) * v, v * np.array([1.0, 2.0])):
        assert array.dtype == object and [x.data for x in array] == [3.0, 6.0]
    xs = np.array([Value(0.25), Value(0.5)])
    for name in "exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh".split():
        assert [x.data for x in getattr(np, name)(xs)] == [getattr(x, name)().data for x in xs]
        assert getattr(np, name)(xs[0]).op == name
    assert [x.data for x in np.arccosh(np.array([Value(1.5)]))] == [Value(1.5).arccosh().data]
    assert [x.data for x in np.absolute(-xs)] == [0.25, 0.5]
    assert np.dot(xs, xs).data == 0.3125 and np.sum(xs).data == 0.75
    with pytest.raises(TypeError, match="array"):
        Value(np.array([1.0, 2.0]))
    with pytest.raises(TypeError):
        np.array([v], dtype=float)


def test_the_variance_of_numpy_is_a_graph() -> None:
    np = pytest.importorskip("numpy")
    x, z = Value(1.0), Value(4.0)
    assert ag.grad(np.std([x, z]), [x, z]) == [-0.5, 0.5] and np.var([x, z]).data == 2.25
    assert np.std(np.array([[x, z], [z, x * 2]]), axis=0)[0].data == 1.5


def test_data_is_any_real_number_as_an_exact_float():
    for number, expected in [(2, 2.0), (True, 1.0), (Fraction(1, 3), 1 / 3), (-0.0, -0.0)]:
        data = Value(number).data
        assert type(data) is float and data == expected and math.copysign(1, data) == math.copysign(1, expected)
    assert (Fraction(1, 2) * Value(4.0)).data == 2.0
    with pytest.raises(OverflowError):
        Value(10**400)


@pytest.mark.parametrize("wrong", [None, "3", Decimal(1), 1 + 2j, [1.0], (1.0,), {}, Value(1.0), b"1", object()])
def test_wrong_types_are_refused_by_name(wrong):
    name = type(wrong).__name__
    with pytest.raises(TypeError, match=rf"real number, not {name} \(label 'speed'\)"):
        Value(wrong, label="speed")
    leaf = Value(1.0, label="speed")
    with pytest.raises(TypeError, match=rf"not {name} \(label 'speed'\)"):
        leaf.data = wrong
    if not isinstance(wrong, Value):
        for operation in (lambda: leaf + wrong, lambda: wrong - leaf, lambda: leaf**wrong, lambda: wrong / leaf):
            with pytest.raises(TypeError):
                operation()
        with pytest.raises(TypeError, match=f"not {name}"):
            ag.dot([leaf], [wrong])
        with pytest.raises(TypeError):
            assert leaf < wrong
        assert leaf != wrong and not leaf == wrong


def test_labels_are_text():
    v = Value(1.0)
    v.label = "a"
    assert repr(v) == "Value(data=1.0, grad=0.0, label='a')" and repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert f"{v:.2f} {v}" == "1.00 Value(data=1.0, grad=0.0, label='a')"
    with pytest.raises(TypeError, match="label must be a str, not int"):
        v.label = 3
    assert v.item() == 1.0 and type(v.item()) is float


def test_float_is_refused_with_a_hint():
    v = Value(1.0, label="speed")
    for act in (float, math.exp, math.sqrt, complex, lambda v: math.fsum([v])):
        with pytest.raises(TypeError, match=r"speed.*\.data.*ag\.exp"):
            act(v)
    for act in (int, round, math.floor, math.ceil, math.trunc):
        with pytest.raises(TypeError, match=r"speed.*\.data.* // 1"):
            act(v)
    for act in (len, iter, range):
        with pytest.raises(TypeError):
            act(v)
    with pytest.raises(TypeError):
        v[0]
    assert not hasattr(v, "__array_ufunc__")


def test_what_a_float_has_besides_operators():
    v, w = Value(7.5, label="v"), Value(-2.0)
    assert [x.data for x in divmod(v, 2)] == [3.0, 1.5] and [x.data for x in divmod(7, w)] == [-4.0, -1.0]
    assert [x.data for x in divmod(v, w)] == [*divmod(7.5, -2.0)] and divmod(v, w)[1].parents == (v, w)
    assert v.real is v and v.imag == 0.0 and v.conjugate() is v
    assert [Value(x).is_integer() for x in (7.5, 7.0, math.inf, math.nan)] == [False, True, False, False]


def test_two_values_are_equal_if_they_are_one_and_all_else_compares_data():
    a, b, nan = Value(1.0), Value(1.0), Value(math.nan)
    assert a == a and a != b and not a == b and not a != a
    assert a == 1 and 1.0 == a and a != 2 and nan != math.nan
    assert [a, b].index(b) == 1 and b not in [a]
    assert a < 2 and 0 < a and a <= b and a >= b and a > 0.5 and 2 >= a
    assert not nan < 1 and not nan >= 1
    assert bool(a) and not bool(Value(0.0)) and not Value(-0.0) and nan
    assert len({a, b}) == 2 and {a: 1}[a] == 1
    assert max([Value(1.0), Value(3.0), Value(2.0)]).data == 3.0
    assert (a != "1") is True and (a == None) is False  # noqa: E711


def test_copies_are_detached_leaves():
    x = Value(2.0, label="x")
    y = x
    for _ in range(3000):  # deep enough for a recursive copy to fail
        y = y * 1.0
    y.label = "y"
    for made in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y)), y.detach()):
        assert (made.data, made.label, made.parents, made.has_grad) == (2.0, "y", (), False)
        assert made is not y
    x.role = ag.naming.Role("w", 1, 2, 3)
    assert all(made.role == x.role for made in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))))
    net = copy.deepcopy({"w": [x, x]})
    assert net["w"][0].data == 2.0
    stream = io.BytesIO()
    pickle.dump([Value(math.inf), Value(-0.0)], stream)
    stream.seek(0)
    assert [v.data for v in pickle.load(stream)] == [math.inf, 0.0]


# ---------------------------------------------------------------------------------------------------- modes


def test_no_grad_records_nothing():
    a = Value(2.0)
    with ag.no_grad():
        inside = [a * a, 2 * a, a.tanh(), ag.dot([a], [a]), ag.softmax([a, a])[0], ag.maximum(a, 3.0)]
        with ag.no_grad():
            pass
        inside.append(a + a)
    assert all((v.parents, v.op, v.operands, v.operation) == ((), "", (), None) for v in inside)
    assert inside[0].data == 4.0
    with pytest.raises(RuntimeError, match="boom"), ag.no_grad():
        raise RuntimeError("boom")
    assert (a * a).parents == (a, a)


def test_backward_of_what_no_grad_left_unrecorded_is_refused_there():
    w = Value(2.0, label="w")
    before = w * w
    with ag.no_grad():
        loss = w * w
        with pytest.raises(RuntimeError, match=r"^backward: Value\(4\.0\) was not recorded: .* outside of the block$"):
            loss.backward()
        before.backward()  # it was recorded
        assert loss.grad == 0.0 and not loss.has_grad
    assert w.grad == 4.0
    loss.backward()  # outside it is a leaf like any other
    assert loss.grad == 1.0 and w.grad == 4.0


def test_anomaly_names_operation_operands_labels_and_line():
    margin = Value(-0.2, label="margin")
    with ag.anomaly(), pytest.raises(FloatingPointError) as caught:
        (margin * 1.0 + 0.0).exp()
        margin.log()  # the line at fault
    assert all(
        part in str(caught.value) for part in ("log", "-0.2", "'margin'", "nan", "test_engine.py", "at fault", "a > 0")
    )
    zero = Value(0.0, label="zero")
    with ag.anomaly(), pytest.raises(FloatingPointError, match=r"sqrt.*local derivative inf.*zero.*domain.*abs\(x\)"):
        zero.sqrt()
    with ag.anomaly(), pytest.raises(FloatingPointError, match=r"div.*zero"):
        1.0 / zero
    with ag.anomaly(), pytest.raises(FloatingPointError, match=r"logsumexp|dot|sum"):
        ag.sum([Value(1e308), Value(1e308)])
    with ag.anomaly(), pytest.raises(FloatingPointError, match=r"exp\(a = 710\.0\) is inf(?!.*domain)"):
        Value(710.0).exp()
    for f in (lambda: Value(710.0).exp(), lambda: Value(10.0) ** 400, lambda: 1e300 / Value(1e-300),
              lambda: 1.0 / Value(1e-200), lambda: ag.sum([Value(1e308), 1e308, 0.0])):  # fmt: skip
        with ag.anomaly(), pytest.raises(FloatingPointError, match=r"is too large for a float(?!.*domain)"):
            f()
    for f in (lambda: Value(0.0) ** -2, lambda: Value(-1.0) ** 0.5, lambda: zero.log(), lambda: 1.0 / zero):
        with ag.anomaly(), pytest.raises(FloatingPointError, match=r"domain is") as caught:
            f()
        assert "too large" not in str(caught.value)
    with ag.anomaly():
        assert (Value(math.inf) * 0.0).data != 0.0  # nan from inf is no news
    assert math.isnan(margin.log().data)


def test_a_place_is_the_users_line_or_else_the_librarys():
    with ThreadPoolExecutor(1) as pool:
        assert "thread.py:" in pool.submit(user_line).result()
        assert "test_engine.py:" in pool.submit(lambda: user_line()).result()


def test_anomaly_in_backward():
    x = Value(1e-200, label="tiny")
    with ag.anomaly():
        y = (x * 1e300) * 1e200
        with pytest.raises(FloatingPointError, match=r"backward: the gradient of tiny.*inf.*test_engine\.py"):
            y.backward()
        assert not x.has_grad
        z = x * 3.0 + x
        z.backward()
        z.backward()
    assert (x.grad, z.grad) == (8.0, 1.0)


def test_modes_end_at_the_edge_of_a_thread():
    a = Value(2.0)
    inside, checked = threading.Event(), threading.Event()

    def without_recording():
        with ag.no_grad():
            inside.set()
            checked.wait(10)
            found.append((a * a).parents)

    found = []
    thread = threading.Thread(target=without_recording)
    thread.start()
    assert inside.wait(10)
    with ag.anomaly():
        beside = a * a
    checked.set()
    thread.join()
    assert beside.parents == (a, a) and found == [()]


def test_a_thread_beside_no_grad_records_and_compares():
    a, found = Value(2.0), []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: found.append(((a * a).parents, a > 1.0)))
        thread.start()
        thread.join()
        assert (a > 1.0) is True and (a * a).parents == ()
    assert found == [((a, a), True)]


def test_a_mode_that_could_not_open_leaves_none_open(monkeypatch):
    from autograd_lite import modes

    class Interrupted(list):
        def append(self, mode):
            raise KeyboardInterrupt

    monkeypatch.setattr(modes, "open_modes", Interrupted())
    with pytest.raises(KeyboardInterrupt), ag.no_grad():
        pass
    assert modes.current.get() is None and not modes.open_modes


def test_only_anomaly_refuses_a_gradient_that_overflows():
    x = Value(1e-200)
    y = (x * 1e300) * 1e200
    with ag.no_grad():
        y.backward()
    assert x.grad == math.inf


def test_graphs_of_different_threads_are_independent():
    def work(seed):
        draw = random.Random(seed)
        total = 0.0
        for _ in range(100):
            x, y = Value(draw.uniform(-2, 2)), Value(draw.uniform(0.5, 2))
            ((x * y).tanh() / y + x.exp()).backward()
            total += x.grad - y.grad
        results[seed] = total

    results = {}
    for seed in range(8):
        work(seed)
    serial, results = results, {}
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == serial


# -------------------------------------------------------------------------------------------- recorded by hand


def test_values_made_by_hand_take_their_partials_from_the_row():
    p, q = Value(2.0), Value(3.0)
    total = Value(5.0, (p, q), "+")
    product = Value(6.0, (p, q), "*")
    cube = Value(8.0, (p,), "**3")
    (total + product + cube).backward()
    assert (p.grad, q.grad) == (1.0 + 3.0 + 12.0, 1.0 + 2.0)
    assert (total.op, total.parents, product.partials) == ("+", (p, q), (3.0, 2.0))
    assert Value(2.0, (p,), "ReLU").operation is TABLE["relu"]


def test_an_unknown_operation_needs_its_partials():
    p, q = Value(2.0, label="p"), Value(3.0)
    unknown = Value(1.0, (p, q), "swirl")
    for use in (unknown.backward, (unknown * 2.0).backward, lambda: unknown.partials, lambda: ag.draw(unknown)):
        with pytest.raises(ValueError, match=r"'swirl'.*partials=.*_backward.*define_op"):
            use()
    assert (p.has_grad, unknown.parents, unknown.data) == (False, (p, q), 1.0)
    with pytest.raises(ValueError, match="one local derivative for each"):
        Value(1.0, (p, q), "swirl", partials=(1.0,))
    with pytest.raises(ValueError, match="0 operands that are Values, but 1 partials"):
        Value(1.0, partials=(1.0,))
    with pytest.raises(ValueError, match="takes 2 operands, not 1"):
        Value(1.0, (p,), "*").backward()
    with pytest.raises(TypeError, match="NoneType"):
        Value(1.0, (p, None), "+")
    with pytest.raises(ValueError, match=r"dot takes \*a \*b c; 2 operands do not divide"):
        Value(1.0, (p, q), "dot").backward()
    assert Value(6.0, (p, q), "*", partials=(3.0, 2.0 + 1e-12)).operation is TABLE["mul"]
    nan = Value(math.nan)
    assert Value(math.nan, (p, nan), "*", partials=(math.nan, 2.0)).operation is TABLE["mul"]
    assert Value(math.nan, (p, nan), "*", partials=(1.0, 2.0)).operation.name == "*"  # its maker's, not the row's
    assert Value(1.0, (p, q), partials=(10.0, -1)).op == "by hand"
    node = Value(1.0, (p, q), "swirl", partials=(10.0, -1))
    node.backward()
    assert (p.grad, q.grad, node.op) == (10.0, -1.0, "swirl")
    with pytest.raises(TypeError, match=r"swirl.*define_op"):
        ag.grad(node, p, create_graph=True)


def test_operands_keep_order_and_repetition():
    a, b = Value(2.0), Value(3.0)
    assert (2 * a).operands == (2.0, a) and type((2 * a).operands[0]) is float
    assert (a - 1).operands == (a, 1.0) and (1 - a).operands == (1.0, a)
    assert (a / b).op == "/" and (a**b).op == "**" and (-a).op == "neg" and abs(a).op == "abs"
    assert (a % b).op == "%" and (+a).data == 2.0
    node = ag.dot([a, 5.0, a], [b, b, 1.0], 2)
    assert node.operands == (a, 5.0, a, b, b, 1.0, 2.0)
    assert node.parents == (a, a, b, b) and node.partials == (3.0, 1.0, 2.0, 5.0)


def test_topological_order_and_trace():
    a = Value(1.0)
    b = a + a
    c = b + b
    assert list(map(id, ag.topological_order(c))) == [id(a), id(b), id(c)]
    nodes, edges = ag.trace(c)
    assert len(nodes) == 3 and [(id(p), id(n)) for p, n in edges] == [(id(a), id(b))] * 2 + [(id(b), id(c))] * 2
    assert ag.topological_order(a) == [a]


# ----------------------------------------------------------------- one meaning, however an operation is reached

SPECIAL = [
    0.0,
    -0.0,
    5e-324,
    -1e-200,
    0.5,
    -0.5,
    1.0,
    -1.0,
    2.0,
    3.0,
    -3.0,
    20.0,
    1e200,
    -1e308,
    math.inf,
    -math.inf,
    math.nan,
]


def same(x, y):
    return repr(x) == repr(y)  # the sign of zero and nan included


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if not row.nary])
def test_the_written_methods_are_record_bit_for_bit(name):
    row = TABLE[name]
    function = getattr(ag.functions, name)
    if len(row.operands) == 1:
        for x in SPECIAL:
            v = Value(x)
            ours, plain = function(v), record(row, (v,))
            assert same(ours.data, plain.data) and same(ours.partials, plain.partials), x
            assert same(function(x), plain.data) and ours.operation is row
        return
    for x in SPECIAL:
        for y in SPECIAL:
            for operands in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
                ours, plain = ag.functions.__dict__[name](*operands), record(row, operands)
                assert same(ours.data, plain.data) and same(ours.partials, plain.partials), (x, y)
                operator = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__",
                            "pow": "__pow__", "mod": "__mod__"}.get(name)  # fmt: skip
                if operator and operands[0].__class__ is Value:
                    typed = getattr(operands[0], operator)(operands[1])
                elif operator:
                    typed = getattr(operands[1], operator.replace("__", "__r", 1))(operands[0])
                else:
                    continue
                assert same(typed.data, plain.data) and same(typed.partials, plain.partials), (x, y)
                assert list(map(id, typed.parents)) == list(map(id, plain.parents))


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.nary])
def test_the_written_functions_of_lists_are_record_bit_for_bit(name):
    row = TABLE[name]
    draw = random.Random(name)
    for _ in range(200):
        numbers = [draw.choice([*SPECIAL, 0.25, 7.0]) for _ in range(draw.choice([1, 2, 5]))]
        for share in (1.0, 0.5):  # of Values among the operands
            xs = [Value(x) if draw.random() < share else x for x in numbers]
            operands = [[draw.choice(xs) for _ in xs] if is_list else 0.0 for is_list in row.is_list]
            if not any(x.__class__ is Value for group in operands if group.__class__ is list for x in group):
                continue
            flat = [x for group in operands for x in (group if group.__class__ is list else [group])]
            ours, plain = ag.functions.apply(row, *operands), record(row, flat)
            assert same(ours.data, plain.data) and same(ours.partials, plain.partials), flat
            assert list(map(id, ours.parents)) == list(map(id, plain.parents))


def random_graph(draw, leaves, size):
    nodes = list(leaves)
    for _ in range(size):
        a, b = draw.choice(nodes), draw.choice(nodes)
        nodes.append(draw.choice([
            lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (b * b + 1.0),
            lambda a, b: a.tanh(), lambda a, b: -a, lambda a, b: 2.0 * a, lambda a, b: a.relu(),
            lambda a, b: ag.dot([a, b, a], [b, 0.5, a], b), lambda a, b: ag.sum([a, b, b]),
            lambda a, b: ag.maximum(a, b, 0.0), lambda a, b: ag.logsumexp([a, b]), lambda a, b: a.sigmoid(),
        ])(a, b))  # fmt: skip
    return ag.sum(nodes[-3:])


def test_backward_is_grad_on_random_graphs():
    draw = random.Random(7)
    for _ in range(1000):
        leaves = [Value(draw.choice([-1.0, 0.0, 1.0, 2.0])) for _ in range(4)]  # equal data on purpose
        root = random_graph(draw, leaves, draw.randrange(1, 15))
        expected = ag.grad(root, leaves)
        root.backward()
        assert [v.grad for v in leaves] == pytest.approx(expected, rel=1e-14, abs=1e-14, nan_ok=True)
        second = ag.grad(root, leaves, create_graph=True)
        assert [v.data for v in second] == pytest.approx(expected, rel=1e-13, abs=1e-13, nan_ok=True)


class Interrupted:
    """An iterator that an interrupt strikes once, before its k-th entry, and that goes on behind it."""

    def __init__(self, entries, k):
        self.entries, self.left = iter(entries), k

    def __iter__(self):
        return self

    def __next__(self):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return next(self.entries)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_gradients_are_added_to_all_leaves_though_an_interrupt_comes_between_two(k):
    leaves = [Value(1.0), Value(2.0), Value(3.0)]
    leaves[1].grad = 5.0
    with pytest.raises(KeyboardInterrupt):
        add_to_gradients(Interrupted(leaves, k), [0.5, 1.5, 2.5])
    assert [leaf.grad for leaf in leaves] == [0.5, 6.5, 2.5]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_all_leaves_are_written_though_an_interrupt_comes_between_two(k):
    leaves = [Value(1.0), Value(2.0), Value(3.0)]
    with pytest.raises(KeyboardInterrupt):
        write_gradients(Interrupted(leaves, k), [0.5, 1.5, 2.5])
    with pytest.raises(KeyboardInterrupt):
        write_numbers(Interrupted(leaves, k), [5.0, 6.0, 7.0])
    assert [leaf.grad for leaf in leaves] == [0.5, 1.5, 2.5]
    assert [leaf.data for leaf in leaves] == [5.0, 6.0, 7.0] and all(map(was_written, leaves))
    with pytest.raises(KeyboardInterrupt):
        clear_gradients(Interrupted(leaves, k))
    assert not any(leaf.has_grad for leaf in leaves)


@pytest.mark.parametrize("number", [0, 0.0, -0.0, 7, True, 10**20, Fraction(1, 2), math.inf])
def test_a_gradient_that_is_written_is_a_float_and_counts_as_computed(number):
    a = Value(1.0)
    a.grad = number
    assert type(a.grad) is float and a.grad == number and a.has_grad
    assert math.copysign(1.0, a.grad) == math.copysign(1.0, number)


def test_a_leaf_keeps_what_it_is_said_to_be():
    w = Value(2.0, label="w", kind="parameter")
    for copied in (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w)), w.detach()):
        assert copied.kind == "parameter"
    assert Value(1.0).kind is None and (w * 2.0).kind is None
    w.kind = "input"
    assert w.kind == "input"
    with pytest.raises(ValueError, match="expected 'input' or 'parameter'"):
        Value(1.0, kind="weight")
    with pytest.raises(ValueError, match="of a leaf"):
        (w * 2.0).kind = "input"


def test_no_node_is_larger_for_a_kind():
    assert sys.getsizeof(Value(1.0, kind="input")) == sys.getsizeof(Value(1.0))
