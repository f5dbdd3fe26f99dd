"""A net trained in a page: `nn.playground` returns a `page.Playground`, which computes without Python.

`start` checks and reads the arguments; `formulas` writes the activations, losses and optimisers in JavaScript from the
table of operations; `lessons` is a table; `page` joins the parts on one line. All words stand in `words.tsv`.

The script's files, in the order in which they stand: `numbers` and `elements` are those of `live`; `random` is Python's
generator, `datasets` the drawn sets; `net` is the engine: one example forward and back, and the sums over a batch;
`state` is shared by all parts; `training` is a step and an epoch; `maps` computes every unit over the plane of two
inputs and their colours, `pixels` paints lines and maps; `build` changes the net's shape; `diagram` is its picture;
`output` the large map with the points; `curves` the losses; `unit` the weights of the chosen unit; `parts` the terms of
the output's sum; `verdicts` and `health` are those of `nn.diagnose`; `slow` a step in phases; `transport` plays,
pauses, draws; `settings` are the controls; `hand` the points that are added, moved and removed; `example` the numbers
of one, `graph` their picture; `rewind` the earlier epochs and the runs before; `lessons` those of the table; `keep` is
the model, the program and the link; `address` the state in the page's address; `page` starts.

Two objects in `state.js` are shared by all parts. `state` holds the settings, in four groups: `data` (kind, count,
noise, seed), `net` (units, activations, init, bias, seed), `fit` (loss, optimizer, lr, momentum, decay, batch, seed,
share), `view` (unit, axes, example, mode, …). `session` holds the results that follow from them: the rows `all`,
`train` and `held`, the `axes` of the map, the `net` with its `parameters` and `gradients`, the optimiser's `memory` and
`steps`, the `epoch`, the `history`, the `calls` of `fit` that lead here.

A part that changes a setting calls `changed(kind)`, a part that shows something calls `follow(kind, f)`. The kinds are
"data", "net", "fit", "rows", "numbers", "view", and each brings about those that follow it: after `changed("net")` the
net starts anew, after `changed("numbers")` (a weight was set, a step was taken) only the numbers are drawn anew.
All files stand in one function, so no two of them may give one name twice.
"""
