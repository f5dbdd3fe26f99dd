"""The faults of a net that was measured, a sentence for each, and the course's remedy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from autograd_lite.nn.diagnosis.measurement import LayerDiagnosis, Measurement
from autograd_lite.notation.text import number
from autograd_lite.words import say

# Where a finding begins, and why there.
SATURATED_WRONG = 0.1  # of the outputs: the net should learn most from these, and learns nothing
DEAD = 0.1  # of a layer's units: that share of the layer is of no use
SATURATED = 0.5  # of a layer's pairs: the larger part is stopped; nets that learn well stay below 0.3
VANISHING = 1e-3  # first layer to last: 100 steps of the last layer are 100,000 of the first
EXPLODING = 1e3  # the mirror image; also of a gradient by itself, which moves a weight by 1 at a rate of 0.001
LARGE_INPUT = 3.0  # standardised inputs have an rms of 1; targets, too
RISEN = 1.2  # times the smallest held-out loss: the later ones lie above that, and the training loss fell as much
LASTING = 5  # epochs: the held-out loss of a few examples jumps about


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a net from learning."""

    kind: str  # "not finite", "overfitting", or one of CHECKS
    layers: tuple[int, ...]  # where, from 1
    verdict: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict}. {_say('remedy')}: {self.remedy}."

    @property
    def name(self) -> str:
        """The kind in the chosen language."""
        return _say(f"kind_{self.kind}")


@dataclass(frozen=True, slots=True)
class Training:
    """How a training went so far: some faults show only over time."""

    loss: Sequence[float]  # of each epoch
    validation_loss: Sequence[float]  # the same, of examples that were held out; empty if there are none
    stops: bool = False  # whether the best epoch's parameters come back by themselves
    decays: bool = False  # whether the optimiser makes weights smaller


def findings(measured: Measurement, training: Training | None = None) -> tuple[Finding, ...]:
    """Return the findings on a net, none if it is healthy."""
    if broken := _not_finite(measured):
        return (Finding("not finite", *broken),)  # nan says nothing about sizes
    found = {kind: check(measured) for kind, check in CHECKS.items()}
    found["overfitting"] = _overfitting(training) if training else None
    return tuple(Finding(kind, *fault) for kind, fault in found.items() if fault)


Fault = tuple[tuple[int, ...], str, str] | None  # the layers, the verdict and the remedy; None if all is well


def _not_finite(measured: Measurement) -> Fault:
    layers = tuple(layer.layer for layer in measured.layers if not math.isfinite(layer.gradient))
    if not layers and math.isfinite(measured.loss):
        return None
    where = _say("gradient_in", count=len(layers), layers=", ".join(map(str, layers)))
    what = where if layers else _say("loss_is", loss=_number(measured.loss))
    return layers, _say("not_finite", what=what), _say("not_finite_remedy")


def _rate(measured: Measurement) -> Fault:
    """A large step is no fault; one after which the loss is higher, or nan, is."""
    if measured.loss_after is None or measured.loss_after <= measured.loss:
        return None
    update, layer = max((layer.update or 0.0, layer.layer) for layer in measured.layers)
    finite, rate = math.isfinite(update), measured.lr or 0.0
    size = _say("by_times", update=_number(update)) if finite else _say("away")
    before, after = _number(measured.loss), _number(measured.loss_after)
    verdict = _say("rate", rate=_number(rate, 6), layer=layer, size=size, before=before, after=after)
    remedy = _say("hundredth", rate=_number(0.01 * rate / update, 1)) if finite else _say("smaller_rate")
    return (layer,), verdict, remedy


def _confidently_wrong(measured: Measurement) -> Fault:
    if measured.saturated_wrong is None or measured.saturated_wrong < SATURATED_WRONG:
        return None
    last = measured.layers[-1]
    verdict = _say("wrong", share=_percent(measured.saturated_wrong), activation=last.activation)
    return (last.layer,), verdict, _say("wrong_remedy")


def _dead(measured: Measurement) -> Fault:
    found = [layer for layer in measured.layers if layer.dead is not None and len(layer.dead) >= DEAD * layer.units]
    if not found:
        return None
    counts = [_say("dead_in", dead=len(layer.dead or ()), units=layer.units, layer=layer.layer) for layer in found]
    verdict = _say("dead", counts=", ".join(counts), activations=_activations(found), examples=measured.examples)
    leaky = _say("leaky")
    if any(layer.init == "zeros" for layer in found):  # all units are one: neither of the two would tell them apart
        remedy = _say("he")
    elif not all(layer.bias is not None and layer.bias > 0.0 for layer in found):
        remedy = _say("or", first=_say("positive"), second=leaky)
    else:
        large = measured.input_rms > LARGE_INPUT
        first, second = (_standardised(measured), leaky) if large else (leaky, _say("smaller_rate"))
        remedy = _say("or", first=first, second=second) if large or measured.lr else leaky
        remedy = _say("started_at", remedy=remedy, bias=_number(found[0].bias or 0.0, 6))
    return tuple(layer.layer for layer in found), verdict, remedy


def _saturated(measured: Measurement) -> Fault:
    # Not the last layer: its flat ends are where right answers belong.
    found = [layer for layer in measured.layers[:-1] if (layer.saturated or 0.0) >= SATURATED]
    if not found:
        return None
    shares = [_say("saturated_in", share=_percent(layer.saturated or 0.0), layer=layer.layer) for layer in found]
    verdict = _say("saturated", shares=", ".join(shares), activations=_activations(found))
    large = found[0].layer == 1 and measured.input_rms > LARGE_INPUT
    remedies = [*[_say("xavier")] * (not _started(found, "xavier")), *[_standardised(measured)] * large]
    other = _say("saturated_remedy", relu=_say("relu"))
    return tuple(layer.layer for layer in found), verdict, _and(remedies) or other


def _exploding(measured: Measurement) -> Fault:
    first, largest = measured.layers[0], max(measured.layers, key=lambda layer: layer.gradient)
    if largest.gradient >= EXPLODING:
        verdict = _say("large", layer=largest.layer, size=_number(largest.gradient, 2))
    elif EXPLODING <= first.ratio < math.inf:
        verdict = _say("grows", ratio=_number(first.ratio, 2))
    else:
        return None
    sizes = {"inputs": measured.input_rms, "targets": measured.target_rms or 0.0}
    large = _and([_say(name) for name, size in sizes.items() if size > LARGE_INPUT])
    standardised = large and _say("are_standardised", what=large)
    others = ", ".join(filter(None, [_initialisation(measured), standardised]))
    remedy = _say("and_smaller_rate", others=others) if others else _say("smaller_rate")
    return (largest.layer,), verdict, remedy


def _vanishing(measured: Measurement) -> Fault:
    first, last = measured.layers[0], measured.layers[-1]
    stopped = any(layer.dead_share == 1.0 or layer.unreached for layer in measured.layers)  # a finding of its own
    if first is last or stopped:
        return None
    if first.gradient < VANISHING * last.gradient:
        share = _say("share_of_last", ratio=_number(first.ratio, 2)) if first.gradient else "0"
        verdict = _say("vanishing", share=share)
    elif measured.last_layer_input_rms < VANISHING * min(measured.input_rms, 1.0):
        # The last layer's gradient is its inputs times the gradient by z: it fades with them, and the ratio hides it.
        verdict = _say("faded", layer=last.layer, size=_number(measured.last_layer_input_rms, 2))
    elif measured.last_layer_input_spread < VANISHING * min(measured.input_spread, 1.0):
        # Its biases have learned one answer for all; then its gradient is gone as well, and again the ratio hides it.
        verdict = _say("alike", layer=last.layer, size=_number(measured.last_layer_input_spread, 2))
    else:
        return None
    start = _initialisation(measured)
    if _saturates(measured):
        key = "fewer_layers_with" if start else "fewer_layers"
        return (1,), verdict, _say(key, relu=_say("relu"), initialisation=start)
    return (1,), verdict, start or _say("fewer_layers_he")


def _alike(measured: Measurement) -> Fault:
    """Units that start as one get the same gradients: that they are many is of no use."""
    found = tuple(layer.layer for layer in measured.layers if layer.alike and layer.gradient)  # 0 is found elsewhere
    if not found:
        return None
    verdict = _say("one", count=len(found), layers=", ".join(map(str, found)))
    return found, verdict, _initialisation(measured) or _say("he")


def _unreached(measured: Measurement) -> Fault:
    found = [layer for layer in measured.layers if layer.unreached]
    verdict = _say("unreached", count=len(found), parts=", ".join([part.activation for part in found]))
    return (tuple(part.layer for part in found), verdict, _say("unreached_remedy")) if found else None


CHECKS: dict[str, Callable[[Measurement], Fault]] = {
    "rate": _rate, "confidently wrong": _confidently_wrong, "dead": _dead, "saturated": _saturated,
    "exploding": _exploding, "vanishing": _vanishing, "alike": _alike,
    "unreached": _unreached,
}  # fmt: skip


def _overfitting(training: Training) -> Fault:
    """The net learns its examples by heart: it still improves on them, and grows worse on others."""
    held_out, loss = training.validation_loss, training.loss
    if len(held_out) <= LASTING or not all(map(math.isfinite, held_out)):
        return None
    best = min(range(len(held_out)), key=held_out.__getitem__)
    rises = min(held_out[-LASTING:]) > RISEN * held_out[best] and held_out[-1] > loss[-1]
    if not rises or not RISEN * loss[-1] < loss[best]:
        return None
    held, trained = ([_number(losses[i]) for i in (best, -1)] for losses in (held_out, loss))
    verdict = _say("overfitting", low=held[0], epoch=best + 1, high=held[1], before=trained[0], now=trained[1])
    smaller = _say("fewer_units" if training.decays else "decay")
    return (), verdict, smaller if training.stops else f"{_say('stop', epoch=best + 1)}; {smaller}"


def _say(key: str, **inside: Any) -> str:
    return say(f"diagnose.{key}", **inside)


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _and(parts: Sequence[str]) -> str:
    return reduce(lambda first, second: _say("and", first=first, second=second), parts) if parts else ""


def _number(x: float, digits: int = 3) -> str:
    return number(x, digits).text


def _activations(layers: Sequence[LayerDiagnosis]) -> str:
    return _and([*dict.fromkeys(layer.activation for layer in layers)])


def _standardised(measured: Measurement) -> str:
    return _say("standardised", size=_number(measured.input_rms))


def _initialisation(measured: Measurement) -> str:
    """Return the initialisation that keeps signals and gradients of one size; nothing if the net has it already."""
    name = "xavier" if _saturates(measured) else "he"
    return "" if _started(measured.layers, name) else _say(name)


def _started(layers: Sequence[LayerDiagnosis], init: str) -> bool:
    return all(layer.init == init for layer in layers)


def _saturates(measured: Measurement) -> bool:
    """Tell whether hidden units have flat ends, as those of the sigmoid."""
    return any(layer.saturated is not None for layer in measured.layers[:-1])
