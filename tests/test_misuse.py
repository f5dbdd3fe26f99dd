"""What students do wrong, and what they are told: what was expected, what came, and what to do.

Each call stands here as it is typed, with its whole message: whoever changes one reads it as a student would.
"""

# ruff: noqa: E501 (a table of messages has one line for each)
# fmt: off

from __future__ import annotations

import decimal
import math
import os
import statistics
from pathlib import Path

import pytest

import autograd_lite as ag
from autograd_lite import Value, datasets, nn

MISUSES = [
    ('Value("3")', TypeError, "Value data must be a real number, not str; pass an int, a float or another real number"),
    ('Value(None, label="w")', TypeError, "Value data must be a real number, not NoneType (label 'w'); pass an int, a float or another real number"),
    ("Value([1.0])", TypeError, "Value data must be a real number, not list; pass an int, a float or another real number"),
    ("Value(a)", TypeError, "Value data must be a real number, not Value; it is a Value already: .data is its number"),
    ("setattr(a, 'data', a.data - b * a.grad)", TypeError, "Value data must be a real number, not Value (label 'a'); it is a Value already: .data is its number"),
    ("Value(1+2j)", TypeError, "Value data must be a real number, not complex; pass an int, a float or another real number"),
    ("Value(decimal.Decimal(1))", TypeError, "Value data must be a real number, not Decimal; pass an int, a float or another real number"),
    ("Value(10**400)", OverflowError, "int too large for a float: beyond 1.8e308; write inf for infinity"),
    ("Value(1.0, label=3)", TypeError, "label must be a str, not int (3)"),
    ('Value(1.0, (a, b), "foo").backward()', ValueError, "Value(…, _op='foo'): no operation of that name is in the table, so its local derivatives are unknown; give partials=(…), one for each operand, or set its _backward, or add the operation with define_op"),
    ('Value(1.0, (a, b), "+", partials=(1.0,))', ValueError, "Value(…, _op='+'): 2 operands that are Values, but 1 partials; give one local derivative for each"),
    ('Value(1.0, (a,), "+").backward()', ValueError, "Value(…, _op='+'): add takes 2 operands, not 1, so its local derivatives are unknown; give partials=(…), one for each operand, or set its _backward, or add the operation with define_op"),
    ('Value(math.log2(8.0), (Value(8.0),), "log").backward()', ValueError, "Value(…, _op='log'): log of 8.0 is 2.0794415416798357, not 3.0, so its local derivatives are unknown; give partials=(…), one for each operand, or set its _backward, or add the operation with define_op"),
    ('Value(np.array(2.0))', TypeError, "Value data must be a real number, not ndarray; use .item() for its number"),
    ('Value(np.array([2.0]))', TypeError, "Value data must be a real number, not ndarray; make a Value of each of its numbers"),
    ("a.backward(create_graph=True)", ValueError, "backward(create_graph=True): gradients in .grad are numbers; for ones that can be differentiated again, use ag.grad(out, inputs, create_graph=True)"),
    ('a.backward("x")', TypeError, "backward must be a real number, not str; pass an int, a float or another real number"),
    ("round(a, 2)", TypeError, "round(a) would silently drop the graph: use .data for the number, or (v + 0.5) // 1, which is a Value"),
    ("Value(1.0, 3)", TypeError, "Value(…, _children): expected a tuple of operands, as (a, b), not 3"),
    ('Value(1.0, a, "+")', TypeError, "Value(…, _children): expected a tuple of operands, as (a, b), not Value(data=2.0, grad=0.0, label='a')"),
    ('setattr(a, "data", "3")', TypeError, "Value data must be a real number, not str (label 'a'); pass an int, a float or another real number"),
    ('setattr(a, "grad", None)', TypeError, "grad must be a real number, not NoneType (label 'a'); use zero_grad(), or write 0.0"),
    ('setattr(a, "grad", "x")', TypeError, "grad must be a real number, not str (label 'a'); pass an int, a float or another real number"),
    ('setattr(a, "label", None)', TypeError, "label must be a str, not NoneType (None)"),
    ("int(a)", TypeError, "int(a) would silently drop the graph: use .data for the number, or v // 1, which rounds down and is a Value"),
    ("math.floor(a)", TypeError, "floor(a) would silently drop the graph: use .data for the number, or v // 1, which is a Value"),
    ("math.ceil(a)", TypeError, "ceil(a) would silently drop the graph: use .data for the number, or -(-v // 1), which is a Value"),
    ("math.trunc(a)", TypeError, "trunc(a) would silently drop the graph: use .data for the number, or ag.sign(v) * (abs(v) // 1), which is a Value"),
    ("statistics.mean([a, b])", TypeError, "as_integer_ratio(a) would silently drop the graph: use .data for the number, or ag.mean(vs) instead of statistics.mean(vs)"),
    ("pow(a, 2, 5)", TypeError, "pow(Value(data=2.0, grad=0.0, label='a'), 2, 5): a third number is for ints; use pow(…, …) % 5"),
    ("float(a)", TypeError, "float(a) would silently drop the graph: use .data for the number, or ag.exp(v), ag.log(v), … instead of math's functions"),
    ("math.exp(a)", TypeError, "float(a) would silently drop the graph: use .data for the number, or ag.exp(v), ag.log(v), … instead of math's functions"),
    ('a.leaky_relu("x")', TypeError, "leaky_relu: a setting must be a plain number, not str"),
    ("a.leaky_relu(b)", TypeError, "leaky_relu: a setting must be a plain number, not Value; it is a constant of the operation: use .data"),
    ("a.elu(alpha=None)", TypeError, "elu: a setting must be a plain number, not NoneType"),
    ('ag.leaky_relu(1.0, "0.1")', TypeError, "leaky_relu: a setting must be a plain number, not str"),
    ('ag.clamp(a, "0", 1)', TypeError, "clamp: a setting must be a plain number, not str"),
    ("ag.clamp(a, b, 1)", TypeError, "clamp: a setting must be a plain number, not Value; it is a constant of the operation: use .data"),
    ('ag.exp("2")', TypeError, "exp: operands must be Values or real numbers, not str ('2')"),
    ("ag.exp([a])", TypeError, "exp: operands must be Values or real numbers, not list ([Value(data=2.0, grad=0.0, label='a')])"),
    ("ag.exp(None)", TypeError, "exp: operands must be Values or real numbers, not NoneType (None)"),
    ('ag.hypot(a, "x")', TypeError, "hypot: operands must be Values or real numbers, not str ('x')"),
    ("ag.maximum()", ValueError, "maximum of an empty list: it needs at least one operand"),
    ('ag.minimum(a, "x")', TypeError, "minimum: operands must be Values or real numbers, not str ('x')"),
    ("ag.sum(a)", TypeError, "sum takes a list of Values or numbers, not Value: sum([x1, x2, …])"),
    ("ag.sum([])", ValueError, "sum of an empty list: it needs at least one operand"),
    ('ag.sum(["x"])', TypeError, "sum: operands must be Values or real numbers, not str ('x')"),
    ('ag.sum("ab")', TypeError, "sum: operands must be Values or real numbers, not str ('a')"),
    ("ag.sum(None)", TypeError, "sum takes a list of Values or numbers, not NoneType: sum([x1, x2, …])"),
    ("ag.mean([])", ValueError, "mean of an empty list: it needs at least one operand"),
    ("ag.mean([[a, b], [b, a]])", TypeError, "mean: operands must be Values or real numbers, not list ([Value(data=2.0, grad=0.0, label='a'), Value(data=-3.0, grad)"),
    ("np.round([a, b])", TypeError, "round(a) would silently drop the graph: use .data for the number, or (v + 0.5) // 1, which is a Value"),
    ("mlp.predict([1, 2])", TypeError, "X, row 1: expected a list of numbers, got int 1; rows stand in a list, as in [[1, 2], [3, 4]]: a single one is [[1, 2]]"),
    ("nn.MLP(1, [1]).predict([1.0, 2.0])", TypeError, "X, row 1: expected a list of numbers, got float 1.0; a row is a list, of one number too, as in [[1], [2]]"),
    ("nn.fit(mlp, [1, 2], y)", TypeError, "X, row 1: expected a list of numbers, got int 1; rows stand in a list, as in [[1, 2], [3, 4]]: a single one is [[1, 2]]"),
    ("nn.fit(mlp, [[1.0, None]], [0.0])", TypeError, "X, row 1, number 2: expected a number, got NoneType None; where a number is missing, fill it in, or leave its row out"),
    ("nn.fit(mlp, X, [0.0, None], loss=lambda p, y: p[0])", TypeError, "y, row 2: expected a number, got NoneType None; where a target is missing, leave its row out, or put in a number that a loss of your own leaves out"),
    ("nn.fit(mlp, X, [0.0, math.nan])", ValueError, "y, row 2: expected a finite number, got nan; where a target is missing, leave its row out, or put in a number that a loss of your own leaves out"),
    ("ag.mean([a, 1.0, 'x'])", TypeError, "mean: operands must be Values or real numbers, not str ('x')"),
    ("ag.mean(3.0)", TypeError, "mean takes a list of Values or numbers, not float: mean([x1, x2, …])"),
    ("ag.dot([a], [a, b])", ValueError, "dot of lists of 1 and 2 operands: the lists must have one length"),
    ("ag.dot([], [])", ValueError, "dot of an empty list: it needs at least one operand"),
    ("ag.dot(a, b)", TypeError, "dot takes a list of Values or numbers, not Value: dot([x1, x2, …])"),
    ('ag.dot([a], ["x"])', TypeError, "dot: operands must be Values or real numbers, not str ('x')"),
    ("ag.softmax(a)", TypeError, "softmax takes a list of Values or numbers, not Value: softmax([x1, x2, …])"),
    ("ag.softmax([])", ValueError, "softmax of an empty list: it needs at least one operand"),
    ("ag.log_softmax([])", ValueError, "log_softmax of an empty list: it needs at least one operand"),
    ("ag.logsumexp([])", ValueError, "logsumexp of an empty list: it needs at least one operand"),
    ("ag.cross_entropy([a, b], 2)", ValueError, "cross_entropy: target 2.0 is no class index; 2 logits have the classes 0 to 1"),
    ("ag.cross_entropy([a, b], -1)", ValueError, "cross_entropy: target -1.0 is no class index; 2 logits have the classes 0 to 1"),
    ("ag.cross_entropy([a, b], 0.5)", ValueError, "cross_entropy: target 0.5 is no class index; 2 logits have the classes 0 to 1"),
    ('ag.cross_entropy([a, b], "cat")', TypeError, "cross_entropy: expected a class index, not str ('cat')"),
    ("ag.cross_entropy([a, b], math.nan)", ValueError, "cross_entropy: target nan is no class index; 2 logits have the classes 0 to 1"),
    ("ag.cross_entropy([], 0)", ValueError, "cross_entropy of an empty list: it needs at least one operand"),
    ("ag.grad(2.0, a)", TypeError, "grad: expected a Value, got float; pass the Value to differentiate"),
    ("ag.grad(c, 2.0)", TypeError, "grad: the inputs must be a Value or a list of Values, not 2.0"),
    ("ag.grad(c, [a, 2.0])", TypeError, "grad: the inputs must be a Value or a list of Values, not [Value(data=2.0, grad=0.0, label='a'), 2.0]"),
    ("ag.grad(lambda x: x, a)", TypeError, "grad: expected a Value, got function; call the function first: ag.grad(f(x), x)"),
    ("ag.grad([c], a)", TypeError, "grad: expected a Value, got list; pass the Value to differentiate"),
    ("ag.jacobian([c, 2.0], [a])", TypeError, "jacobian: the outputs must be a Value or a list of Values, not [Value(data=-6.0, grad=0.0), 2.0]"),
    ("ag.jacobian([c], [2.0])", TypeError, "jacobian: the inputs must be a Value or a list of Values, not [2.0]"),
    ("ag.hessian(2.0, [a])", TypeError, "grad: expected a Value, got float; pass the Value to differentiate"),
    ("ag.check_gradients(c, [2.0])", TypeError, "check_gradients(f, inputs): f must be a function, not Value"),
    ("ag.check_gradients(lambda x: '3', [2.0])", TypeError, "check_gradients (the result of f): expected a Value, got str; pass the Value to differentiate"),
    ('ag.check_gradients(lambda x: x * 2, ["x"])', TypeError, "check_gradients: input 1 must be a real number, not str; pass an int, a float or another real number"),
    ("ag.check_gradients(lambda x: x * 2, None)", TypeError, "check_gradients(f, inputs): inputs must be a list of numbers, one for each argument of f, not NoneType"),
    ('ag.nudge(c, Value(1.0, label="stranger"))', ValueError, "nudge: stranger is no part of the graph of Value(-6.0)"),
    ("ag.nudge(2.0, a)", TypeError, "nudge: expected a Value, got float; pass the Value to differentiate"),
    ("ag.nudge(c, a, by=math.nan)", ValueError, "nudge: by: expected a finite number, got nan"),
    ('ag.nudge(c, a, by="x")', TypeError, "nudge: by must be a real number, not str; pass an int, a float or another real number"),
    ("ag.topological_order(3.0)", TypeError, "expected a Value, got float; pass the result of a computation"),
    ("ag.trace([a])", TypeError, "expected a Value, got list; pass the result of a computation"),
    ('ag.define_op("exp", "a", ("1.0",))', ValueError, "operation 'exp' exists already; choose another name"),
    ('ag.define_op("2x", "a", ("1.0",))', ValueError, "define_op: the name must be an identifier, not '2x'"),
    ('ag.define_op("twice_", "a + a", ())', ValueError, "operation 'twice_' has 1 operands (a) but 0 partials; give one for each operand"),
    ('ag.define_op("evil2", "a.b", ("1.0",))', ValueError, "operation 'evil2': Attribute in 'a.b' is not allowed; a row uses + - * / **, numbers with a point, calls of the table's functions, and x if test else y with < > <= >="),
    ('ag.define_op("nofo", "a", ("1.0",), symbol=3)', TypeError, "define_op: symbol must be a string, not 3"),
    ('ag.define_op("nofo", None, ("1.0",))', TypeError, "define_op: formula and partials must be strings such as 'a * a', not None"),
    ("ag.draw(2.0)", TypeError, "draw: expected a Value, got float; pass the result of a computation"),
    ("ag.draw([c])", TypeError, "draw: expected a Value, got list; pass one of its elements, or their sum"),
    ('ag.draw(c, rankdir="left")', ValueError, "rankdir: expected LR, RL, TB, BT, got 'left'"),
    ('ag.draw(c, fold="all")', ValueError, "fold: expected auto, none, neuron, layer, got 'all'"),
    ("ag.draw(c, max_nodes=0)", ValueError, "max_nodes: expected the most values to show in full, an int of 1 or more, got 0"),
    ('ag.draw(c, wrt="total")', ValueError, "wrt 'total': the names are a, b, f"),
    ("ag.draw(c, wrt=0)", TypeError, "wrt: expected a Value, got int; pass one that the drawn value was computed from"),
    ("ag.draw(c, wrt=Value(1.0))", ValueError, "wrt: the drawn value does not depend on Value(data=1.0, grad=0.0); pass one of its operands"),
    ('ag.draw(c).save("x.gif")', ValueError, "cannot save a picture as 'x.gif': expected a name that ends in .svg .png .pdf .dot .mmd .html .tex"),
    ('ag.draw(c).save("nowhere/x.svg")', FileNotFoundError, "[Errno 2] no such folder to write to: '…folder…/nowhere'"),
    ("ag.draw_dot(3.0)", TypeError, "draw_dot: expected a Value, got float; pass the result of a computation"),
    ("ag.explain(c, a, 0)", ValueError, "explain, paths: expected a number of paths, an int of 1 or more, got 0"),
    ('ag.explain(c, wrt="total")', ValueError, "explain, wrt 'total': the names are a, b, f"),
    ("ag.explain(c, wrt=0)", TypeError, "explain, wrt: expected a Value, got int; call it as explain(out, wrt=w)"),
    ("ag.explain(2.0, wrt=a)", TypeError, "explain, out: expected a Value, got float; call it as explain(out, wrt=w)"),
    ("ag.backward_steps(2.0)", TypeError, "backward_steps: expected a Value, got float; pass the result to differentiate"),
    ("nn.MLP(0, [1])", ValueError, "nin: expected a number of inputs, an int of 1 or more, got 0"),
    ("nn.MLP(2, [])", ValueError, "nouts: expected the number of units of each layer, like [16, 16, 1], got []"),
    ("nn.MLP(2, 3)", ValueError, "nouts: expected the number of units of each layer, like [16, 16, 1], got 3"),
    ("nn.MLP(2, [0])", ValueError, "nouts: expected a number of units, an int of 1 or more, got 0"),
    ("nn.MLP(2, [2.5])", ValueError, "nouts: expected a number of units, an int of 1 or more, got 2.5"),
    ('nn.MLP(2, [1], activation="rleu")', ValueError, "activation: expected linear, sigmoid, tanh, relu, leaky_relu, elu, softplus, gelu, silu or a function of one Value, got 'rleu'; did you mean relu?"),
    ('nn.MLP(2, [2, 1], activation=["relu", "tanh"])', ValueError, "activation: expected one name, or a list of 1 (one for each hidden layer), got ['relu', 'tanh']"),
    ('nn.MLP(2, [1], output="sofmax")', ValueError, "output: expected linear, sigmoid, tanh, relu, leaky_relu, elu, softplus, gelu, silu, softmax or a function of one Value, got 'sofmax'; did you mean softmax?"),
    ('nn.MLP(2, [1], output="softmax")', ValueError, "softmax over a single unit is always 1: use sigmoid, or one unit for each class"),
    ('nn.MLP(2, [2, 1], activation="softmax")', ValueError, "activation: softmax looks at all units of a layer: use it as the output of an MLP or a Layer"),
    ('nn.MLP(2, [1], init="zero")', ValueError, "init: expected uniform, xavier, he, normal, zeros or a function that draws one weight, got 'zero'; did you mean zeros?"),
    ('nn.MLP(2, [1], bias="x")', TypeError, "bias: expected the number that the biases start at (every unit has one), got str 'x'"),
    ('nn.MLP(2, [1], seed="x")', TypeError, "seed: expected an int or None, got str 'x'"),
    ("nn.Neuron(0)", ValueError, "nin: expected a number of inputs, an int of 1 or more, got 0"),
    ("nn.Layer(2, 0)", ValueError, "nout: expected a number of neurons, an int of 1 or more, got 0"),
    ('nn.Layer(2, 1, activation="softmax")', ValueError, "softmax over a single unit is always 1: use sigmoid, or one unit for each class"),
    ("mlp([1.0])", ValueError, "MLP(2, [2, 1]): expected 2 numbers, one for each input, got 1"),
    ("mlp([1.0, 2.0, 3.0])", ValueError, "MLP(2, [2, 1]): expected 2 numbers, one for each input, got 3"),
    ("mlp([])", ValueError, "MLP(2, [2, 1]): expected 2 numbers, one for each input, got 0"),
    ("mlp(1.0)", TypeError, "MLP(2, [2, 1]): expected a list of 2 numbers, got 1.0; 'float' object is not iterable"),
    ('mlp([1.0, "x"])', TypeError, "MLP(2, [2, 1]): expected a list of 2 numbers, got [1.0, 'x']; Value data must be a real number, not str; pass an int, a float or another real number"),
    ("mlp(X)", TypeError, "MLP(2, [2, 1]): expected a list of 2 numbers, got 2 rows; model.predict(X) gives their outputs, [model(x) for x in X] Values"),
    ("mlp.load_state_dict({})", ValueError, "load_state_dict: expected the 9 parameters of this model, got 0 numbers; missing: 'layers.0.neurons.0.w.0', 'layers.0.neurons.0.w.1', 'layers.0.neurons.0.b' and 6 more"),
    ('mlp.load_state_dict(dict.fromkeys(mlp.state_dict(), "x"))', TypeError, "load_state_dict: layers.0.neurons.0.w.0: expected a number, got str 'x'"),
    ("mlp.load_state_dict(None)", TypeError, "load_state_dict: expected a dict of numbers by name, as state_dict() gives, got NoneType"),
    ('mlp.load_state_dict({**mlp.state_dict(), "foo": 1.0})', ValueError, "load_state_dict: expected the 9 parameters of this model, got 10 numbers; not in this model: 'foo'"),
    ('mlp.save("nowhere/m.json")', FileNotFoundError, "[Errno 2] no such folder to write to: '…folder…/nowhere'"),
    ('mlp.save(".")', IsADirectoryError, "'…folder…' is a directory: expected the name of a file to write"),
    ("nn.SGD([], lr=0.1)", ValueError, "params: expected the parameters to train, got none: pass model.parameters()"),
    ("nn.SGD(a, lr=0.1)", TypeError, "params: expected a list of parameters, got Value; write [value]"),
    ("nn.SGD([1.0], lr=0.1)", TypeError, "params: expected Values, got float 1.0 in place 1"),
    ("nn.SGD(mlp, 0.1)", TypeError, "params: expected a list of parameters, got MLP; pass model.parameters()"),
    ("nn.SGD([a, a], lr=0.1)", ValueError, "params: expected each parameter once, got one of them twice"),
    ("nn.SGD([c], lr=0.1)", ValueError, "params: expected parameters, got the result of '*' in place 1; only leaves can be trained: pass model.parameters()"),
    ("nn.SGD([a], lr=-1)", ValueError, "lr: expected a learning rate of 0 or more, got -1"),
    ('nn.SGD([a], lr="0.1")', TypeError, "lr: expected a learning rate of 0 or more, got str '0.1'"),
    ("nn.SGD([a], lr=None)", TypeError, "lr: expected a learning rate of 0 or more, got NoneType None"),
    ("nn.SGD([a], lr=math.nan)", ValueError, "lr: expected a learning rate of 0 or more, got nan"),
    ("nn.SGD([a], 0.1, momentum=-1)", ValueError, "momentum: expected a number of 0 or more, got -1"),
    ("nn.SGD([a], 0.1, nesterov=True)", ValueError, "nesterov: expected a momentum above 0 with it, got momentum=0"),
    ("nn.SGD([a], 0.1, weight_decay=-1)", ValueError, "weight_decay: expected a number of 0 or more, got -1"),
    ("nn.Adam([a], betas=0.9)", ValueError, "betas: expected two numbers from 0 to below 1, got 0.9"),
    ("nn.Adam([a], betas=(0.9, 1.0))", ValueError, "betas: expected two numbers from 0 to below 1, got (0.9, 1.0)"),
    ("nn.Adam([a], eps=0)", ValueError, "eps: expected a number above 0, got 0"),
    ('nn.AdamW([a], weight_decay="x")', TypeError, "weight_decay: expected a number of 0 or more, got str 'x'"),
    ("nn.fit(mlp, [], [])", ValueError, "X: expected at least one row, got none"),
    ("nn.fit(mlp, X, [0.0])", ValueError, "y: expected 2 targets, one for each row, got 1"),
    ("nn.fit(mlp, [[1.0]], [0.0])", ValueError, "X, row 1: expected 2 numbers, got 1"),
    ('nn.fit(mlp, [[1.0, "x"]], [0.0])', TypeError, "X, row 1, number 2: expected a number, got str 'x'"),
    ("nn.fit(mlp, [[1.0, math.nan]], [0.0])", ValueError, "X, row 1, number 2: expected a finite number, got nan; where a number is missing, fill it in, or leave its row out"),
    ('nn.fit(mlp, X, ["cat", "dog"])', TypeError, "y, row 1: expected a number, got str 'cat'"),
    ("nn.fit(mlp, 3, y)", TypeError, "X: expected a list of rows, got int 3"),
    ("nn.fit(mlp, X, None)", TypeError, "y: expected a list of targets, got NoneType None"),
    ("nn.fit(mlp, X, y, epochs=-1)", ValueError, "epochs: expected a number of epochs, an int of 0 or more, got -1"),
    ("nn.fit(mlp, X, y, epochs=1.5)", ValueError, "epochs: expected a number of epochs, an int of 0 or more, got 1.5"),
    ("nn.fit(mlp, X, y, batch_size=0)", ValueError, "batch_size: expected a number of examples, an int of 1 or more, got 0"),
    ('nn.fit(mlp, X, y, loss="mes")', ValueError, "loss: expected binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge_loss, huber_loss, l1_loss, mse_loss or a function, got 'mes'"),
    ("nn.fit(mlp, X, y, loss=lambda p, t: 3.0, epochs=1, progress=False)", TypeError, "fit: expected the loss to be a Value, got float 3.0 from <lambda>"),
    ('nn.fit(mlp, X, y, optimizer="adm")', ValueError, "optimizer: expected sgd, adam, adamw or one that is made, got 'adm'; did you mean adam?"),
    ("nn.fit(mlp, X, y, optimizer=nn.SGD([a], lr=0.1), lr=0.1)", ValueError, "lr: expected none beside an optimiser that has its own (0.1), got 0.1"),
    ("nn.fit(mlp, X, y, lr=-0.1)", ValueError, "lr: expected a learning rate of 0 or more, got -0.1"),
    ("nn.fit(mlp, X, y, validation=2.0)", ValueError, "validation: expected a share between 0 and 1, or a pair (X, y), got 2.0"),
    ('nn.fit(mlp, X, y, validation="x")', TypeError, "validation: expected a share between 0 and 1, or a pair (X, y), got str 'x'"),
    ("nn.fit(mlp, X, y, validation=0.9)", ValueError, "validation: expected a share that leaves examples to train on, got 0.9 of 2"),
    ("nn.fit(mlp, X, y, patience=3)", ValueError, "patience: expected validation data with it, to see whether the net still improves, got none"),
    ("nn.fit(mlp, X, y, seed=[1])", TypeError, "seed: expected an int or None, got list [1]"),
    ("nn.fit(mlp, X, y, seed=True)", TypeError, "seed: expected an int or None, got bool True"),
    ("nn.MLP(2, [2, 1], seed=False)", TypeError, "seed: expected an int or None, got bool False"),
    ("nn.MLP(2, [2, 1], bias=False)", TypeError, "bias: expected the number that the biases start at (every unit has one), got bool False"),
    ("nn.Layer(2, 1, bias=True)", TypeError, "bias: expected the number that the biases start at (every unit has one), got bool True"),
    ("nn.Neuron(2, bias=True)", TypeError, "bias: expected the number that the biases start at (every unit has one), got bool True"),
    ("nn.Adam(mlp.parameters(), 0.1, betas=(False, 0.9))", ValueError, "betas: expected two numbers from 0 to below 1, got (False, 0.9)"),
    ("ag.leaky_relu(a, alpha=True)", TypeError, "leaky_relu: a setting must be a plain number, not bool"),
    ("nn.fit(c, X, y)", TypeError, "model: expected an MLP, or a Module that can be called, got Value Value(data=-6.0, grad=0.0)"),
    ("nn.fit(nn.MLP, X, y)", TypeError, "model: expected an MLP, or a Module that can be called, got type <class 'autograd_lite.nn.mlp.MLP'>"),
    ('nn.fit(nn.MLP(2, [3], output="softmax"), X, [0, 3])', ValueError, "y, row 2: expected a class index from 0 to 2 (the net has 3 outputs, classes count from 0), got 3"),
    ('nn.fit(nn.MLP(2, [1], output="sigmoid"), X, [0, 2])', ValueError, "y, row 2: expected 0 or 1 (or a probability between) for binary_cross_entropy_with_logits, got 2.0"),
    ('nn.fit(nn.MLP(2, [1], output="tanh"), X, y)', ValueError, "loss: expected one to be given, such as loss='mse', for a tanh output; by itself fit knows only linear: mse_loss, sigmoid: binary_cross_entropy_with_logits, softmax: cross_entropy"),
    ("nn.mse_loss([], [])", ValueError, "mse_loss: expected at least one example, got none"),
    ("nn.mse_loss([a], [1.0, 2.0])", ValueError, "mse_loss: expected as many targets as predictions, got 1 predictions and 2 targets"),
    ("nn.mse_loss(a, [1.0])", ValueError, "mse_loss: expected one prediction and one target, or a list of each, got 2.0 ('a') and a list"),
    ('nn.mse_loss(a, "x")', ValueError, "mse_loss: expected one prediction and one target, or a list of each, got 2.0 ('a') and a str"),
    ("nn.l1_loss([[a, b]], [[1.0]])", ValueError, "l1_loss: example 1: expected as many targets as predictions, got 2 predictions and 1 targets"),
    ("nn.huber_loss(a, 1.0, delta=0)", ValueError, "huber_loss: expected a delta above 0, got 0"),
    ("nn.huber_loss(a, 1.0, delta=True)", ValueError, "huber_loss: expected a delta above 0, got True"),
    ("nn.hinge_loss([a], [0])", ValueError, "hinge_loss: expected targets of 1 or -1, got 0; 2 * y - 1 makes them of 1 and 0"),
    ("nn.binary_cross_entropy([a], [1])", ValueError, "binary_cross_entropy: expected probabilities from 0 to 1, got 2.0 ('a'); for outputs that are not probabilities use binary_cross_entropy_with_logits"),
    ("nn.binary_cross_entropy([0.5], [2])", ValueError, "binary_cross_entropy: expected targets of 0 or 1 (or a probability between), got 2"),
    ("nn.binary_cross_entropy_with_logits(a.sigmoid(), 1)", ValueError, "binary_cross_entropy_with_logits: got 0.8807970779778823, which sigmoid made, but binary_cross_entropy_with_logits computes the sigmoid itself: pass z (model.logits(x)), or use binary_cross_entropy"),
    ("nn.cross_entropy([a, b], 2)", ValueError, "cross_entropy: expected a class index from 0 to 1 (the net has 2 outputs, classes count from 0), got 2"),
    ('nn.cross_entropy([a, b], "cat")', TypeError, "cross_entropy: expected a class index, or a list of one for each example, got 'cat'"),
    ("nn.cross_entropy([a, b], [0, 1])", TypeError, "cross_entropy: example 1: expected a list of logits, one for each class, got 2.0 ('a')"),
    ("nn.cross_entropy(a, 0)", TypeError, "cross_entropy: expected a list of logits, one for each class, got 2.0 ('a')"),
    ("nn.cross_entropy(ag.softmax([a, b]), 0)", ValueError, "cross_entropy: got 0.9933071490757153, which softmax made, but cross_entropy computes the softmax itself: pass the logits z (model.logits(x))"),
    ("nn.plot_boundary(nn.MLP(3, [1]), X, y)", ValueError, "plot_boundary: expected an MLP with 2 inputs, to draw them as a plane, got MLP of [Layer of [LinearNeuron(3)]]"),
    ("nn.plot_boundary(mlp, [], [])", ValueError, "plot_boundary: expected as many targets as points, one or more, got 0 and 0"),
    ("nn.plot_boundary(mlp, X, y, steps=1)", ValueError, "plot_boundary: steps: expected the fineness of a grid, an int of 2 or more, got 1"),
    ("datasets.moons(0)", ValueError, "n: expected a number of points, an int of 2 or more, got 0"),
    ("datasets.moons(2.5)", ValueError, "n: expected a number of points, an int of 2 or more, got 2.5"),
    ("datasets.moons(10, noise=-1)", ValueError, "noise: expected a standard deviation, a number of 0 or more, got -1"),
    ('datasets.moons(10, noise="x")', TypeError, "noise: expected a standard deviation, a number of 0 or more, got str 'x'"),
    ("datasets.moons(10, seed=[1])", TypeError, "seed: expected an int, got list [1]"),
]
# fmt: on


@pytest.mark.parametrize(("call", "kind", "message"), MISUSES, ids=[call for call, _, _ in MISUSES])
def test_the_message_tells_what_to_do(
    call: str, kind: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    np = pytest.importorskip("numpy") if "np." in call else None
    names = {
        "ag": ag, "Value": Value, "nn": nn, "datasets": datasets, "math": math, "decimal": decimal, "statistics": statistics, "np": np, "a": a, "b": b,
        "c": a * b, "mlp": nn.MLP(2, [2, 1], seed=0), "X": [[0.0, 1.0], [1.0, 0.0]], "y": [0.0, 1.0],
    }  # fmt: skip
    with pytest.raises(kind) as caught:
        eval(call, names)
    assert type(caught.value) is kind
    assert str(caught.value).replace(os.path.realpath(tmp_path), "…folder…") == message
    assert message.isprintable() and len(message) < 320
    assert os.listdir(tmp_path) == []


# What Python itself says, in words that differ from release to release.
@pytest.mark.parametrize(("call", "word"), [
    ("(2.0).backward()", "backward"),
    ("sum([1.0, 2.0]).backward()", "backward"),
    ("a[0]", "subscriptable"),
    ("len(a)", "len()"),
    ("list(a)", "iterable"),
    ("range(a)", "integer"),
    ("a()", "callable"),
    ("a @ a", "@"),
    ("a.nmae", "nmae"),
    ("setattr(2 * a, 'nmae', 1)", "nmae"),
    ("setattr(a, 'op', '+')", "op"),
    ("ag.explain(a)", "wrt"),
    ("ag.exp()", "exp"),
    ("ag.no_such_function", "no_such_function"),
    ("nn.MLP(2, [1], units=3)", "units"),
    ("datasets.mnist()", "mnist"),
    ("nn.load(3)", "PathLike"),
])  # fmt: skip
def test_what_python_says_names_the_thing(call: str, word: str) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        eval(call, {"ag": ag, "nn": nn, "datasets": datasets, "a": Value(2.0, label="a")})
    assert word in str(caught.value)


def test_nothing_learns_from_an_optimiser_of_other_parameters() -> None:
    model = nn.MLP(1, [1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"got an nn.SGD of others, which would train nothing here"):
        nn.fit(model, [[1.0]], [1.0], optimizer=nn.SGD([Value(1.0)], lr=0.1), epochs=1, progress=False)
    assert model.state_dict() == before
