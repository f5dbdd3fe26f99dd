"""Nets of neurons: build one (`MLP`), train it (`fit`), keep it (`save`, `load`).

>>> from autograd_lite import datasets
>>> X, y = datasets.xor(40, seed=1)
>>> model = MLP(2, [8, 1], activation="relu", output="sigmoid", seed=0)
>>> history = fit(model, X, y, epochs=60, lr=0.05, progress=False)
>>> history.loss[-1] < history.loss[0]
True

A net is made in `module`, `layers`, `mlp`, trained by `training` (epochs) with `training_steps` (one batch),
`objectives` (the loss for an output unit), `losses`, `optimizers`, `schedules`; `data` checks what it is given,
`files` saves it. `playground` is a room of its own, loaded when it is first named.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd_lite.nn.diagnosis.report import Diagnosis, diagnose
from autograd_lite.nn.evaluation import accuracy, predict
from autograd_lite.nn.files import ModelFileError
from autograd_lite.nn.history import History
from autograd_lite.nn.layers import Layer, Neuron
from autograd_lite.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l1_loss,
    mse_loss,
)
from autograd_lite.nn.mlp import MLP, load
from autograd_lite.nn.module import Module
from autograd_lite.nn.optimizers import SGD, Adam, AdamW
from autograd_lite.nn.plots import plot_boundary
from autograd_lite.nn.schedules import cosine, step, warmup
from autograd_lite.nn.torch_model import to_torch
from autograd_lite.nn.training import fit

if TYPE_CHECKING:
    from autograd_lite.playground.page import playground

__all__ = ["MLP", "SGD", "Adam", "AdamW", "Diagnosis", "History", "Layer", "ModelFileError", "Module",
           "Neuron", "accuracy", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine", "cross_entropy",
           "diagnose", "fit", "hinge_loss", "huber_loss", "l1_loss", "load", "mse_loss", "playground",
           "plot_boundary", "predict", "step", "to_torch", "warmup"]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name != "playground":
        raise AttributeError(f"module 'autograd_lite.nn' has no attribute {name!r}")
    found = globals()[name] = import_module("autograd_lite.playground.page").playground
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})  # modules stay out
