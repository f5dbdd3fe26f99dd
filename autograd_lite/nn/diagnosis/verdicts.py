"""The faults of a net that was measured, a sentence for each, and the course's remedy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd_lite.nn.diagnosis.measurement import LayerDiagnosis, Measurement
from autograd_lite.notation.text import number

# Where a finding begins, and why there.
SATURATED_WRONG = 0.1  # of the outputs: the net should learn most from these, and learns nothing
DEAD = 0.1  # of a layer's units: that share of the layer is of no use
SATURATED = 0.5  # of a layer's pairs: the larger part is stopped; nets that learn well stay below 0.3
VANISHING = 1e-3  # first layer to last: 100 steps of the last layer are 100,000 of the first
EXPLODING = 1e3  # the mirror image; also of a gradient by itself, which moves a weight by 1 at a rate of 0.001
LARGE_INPUT = 3.0  # standardised inputs have an rms of 1; targets, too
RISEN = 1.2  # times the smallest held-out loss: the later ones lie above that, and the training loss fell as much
LASTING = 5  # epochs: the held-out loss of a few examples jumps about

XAVIER, HE = 'Xavier initialisation (init="xavier")', 'He initialisation (init="he")'
RELU = 'ReLU hidden units with He initialisation (activation="relu", init="he")'
LEAKY = 'leaky ReLU (activation="leaky_relu")'


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a net from learning."""

    kind: str  # "not finite", "overfitting", or one of CHECKS
    layers: tuple[int, ...]  # where, from 1
    verdict: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.verdict}. Remedy: {self.remedy}."


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
    where = f"layer{'s'[: len(layers) != 1]} {', '.join(map(str, layers))}"
    what = f"the gradient in {where}" if layers else f"the loss ({_number(measured.loss)})"
    remedy = "start again with a smaller rate; `with ag.anomaly():` names the operation where it begins"
    return layers, f"{what} is no finite number", remedy


def _rate(measured: Measurement) -> Fault:
    """A large step is no fault; one after which the loss is higher, or nan, is."""
    if measured.loss_after is None or measured.loss_after <= measured.loss:
        return None
    update, layer = max((layer.update or 0.0, layer.layer) for layer in measured.layers)
    finite, rate = math.isfinite(update), measured.lr or 0.0
    size = f"by {_number(update)} times their size" if finite else "away from 0"
    verdict = (f"a step at the rate {_number(rate, 6)} moves the weights of layer {layer} {size} and takes the loss"
               f" from {_number(measured.loss)} up to {_number(measured.loss_after)}")  # fmt: skip
    slower = f"; {_number(0.01 * rate / update, 1)} would move them by a hundredth" if finite else ""
    return (layer,), verdict, f"a smaller rate{slower}"


def _confidently_wrong(measured: Measurement) -> Fault:
    if measured.saturated_wrong is None or measured.saturated_wrong < SATURATED_WRONG:
        return None
    last = measured.layers[-1]
    verdict = (f"{measured.saturated_wrong:.0%} of the {last.activation} outputs lie far on the wrong side, where g'(z)"
               " is nearly 0 and this loss cannot pull them back")  # fmt: skip
    remedy = ("cross-entropy instead of squared error, because its derivative by z there is a full a − y (fit takes it"
              " where no loss is given)")  # fmt: skip
    return (last.layer,), verdict, remedy


def _dead(measured: Measurement) -> Fault:
    found = [layer for layer in measured.layers if layer.dead is not None and len(layer.dead) >= DEAD * layer.units]
    if not found:
        return None
    counts = ", ".join(f"{len(layer.dead or ())} of {layer.units} units in layer {layer.layer}" for layer in found)
    verdict = (f"{counts} ({_activations(found)}) are never active: g'(z) is 0 on all {measured.examples} examples, so"
               " no gradient passes")  # fmt: skip
    if not all(layer.bias is not None and layer.bias > 0.0 for layer in found):
        remedy = f"small positive biases at the start (bias=0.1), or {LEAKY}"
    else:
        large, slower = measured.input_rms > LARGE_INPUT, ", or a smaller rate" if measured.lr else ""
        remedy = f"{_standardised(measured)}, or {LEAKY}" if large else LEAKY + slower
        remedy += f"; the biases started at {_number(found[0].bias or 0.0, 6)} already"
    return tuple(layer.layer for layer in found), verdict, remedy


def _saturated(measured: Measurement) -> Fault:
    # Not the last layer: its flat ends are where right answers belong.
    found = [layer for layer in measured.layers[:-1] if (layer.saturated or 0.0) >= SATURATED]
    if not found:
        return None
    shares = ", ".join(f"{layer.saturated:.0%} in layer {layer.layer}" for layer in found)
    verdict = (f"many (unit, example) pairs are saturated ({shares}): there g'(z) of {_activations(found)} is under 1 %"
               " of its maximum")  # fmt: skip
    large = found[0].layer == 1 and measured.input_rms > LARGE_INPUT
    remedies = [*[XAVIER] * (not _started(found, "xavier")), *[_standardised(measured)] * large]
    other = f"{RELU}, or a smaller rate (the weights started as Xavier's)"
    return tuple(layer.layer for layer in found), verdict, " and ".join(remedies) or other


def _exploding(measured: Measurement) -> Fault:
    first, largest = measured.layers[0], max(measured.layers, key=lambda layer: layer.gradient)
    if largest.gradient >= EXPLODING:
        verdict = f"the gradient of layer {largest.layer} is {_number(largest.gradient, 2)} a weight"
    elif EXPLODING <= first.ratio < math.inf:
        verdict = f"the gradient grows on its way back, to {_number(first.ratio, 2)} times the last layer's in layer 1"
    else:
        return None
    sizes = {"inputs": measured.input_rms, "targets": measured.target_rms or 0.0}
    large = " and ".join(name for name, size in sizes.items() if size > LARGE_INPUT)
    others = ", ".join(filter(None, [_initialisation(measured), large and f"{large} standardised"]))
    return (largest.layer,), verdict, f"{others}, and a smaller rate" if others else "a smaller rate"


def _vanishing(measured: Measurement) -> Fault:
    first, last = measured.layers[0], measured.layers[-1]
    stopped = any(layer.dead_share == 1.0 for layer in measured.layers)  # then the dead units are the finding
    if first is last or stopped:
        return None
    if first.gradient < VANISHING * last.gradient:
        share = f"{_number(first.ratio, 2)} times the last layer's" if first.gradient else "0"
        verdict = f"the gradient of layer 1 is {share}, so it hardly learns"
    elif measured.last_layer_input_rms < VANISHING * min(measured.input_rms, 1.0):
        # The last layer's gradient is its inputs times the gradient by z: it fades with them, and the ratio hides it.
        faded = _number(measured.last_layer_input_rms, 2)
        verdict = f"what layer {last.layer} reads has faded to {faded}, and all gradients with it"
    else:
        return None
    remedy = _initialisation(measured)
    if _saturates(measured):
        remedy = f"{RELU}, or fewer layers" + (f" with {remedy}" if remedy else "")
    return (1,), verdict, remedy or "fewer layers (the weights started as He's)"


CHECKS: dict[str, Callable[[Measurement], Fault]] = {
    "rate": _rate, "confidently wrong": _confidently_wrong, "dead": _dead, "saturated": _saturated,
    "exploding": _exploding, "vanishing": _vanishing,
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
    verdict = (f"the held-out loss has risen from {held[0]} after epoch {best + 1} to {held[1]}, while the training"
               f" loss fell from {trained[0]} to {trained[1]}")  # fmt: skip
    stop = f"stop near epoch {best + 1} (epochs={best + 1}, or patience=10, which brings its parameters back)"
    smaller = f"{'' if training.decays else 'weight decay (nn.AdamW), '}fewer units or more examples"
    return (), verdict, smaller if training.stops else f"{stop}; {smaller}"


def _number(x: float, digits: int = 3) -> str:
    return number(x, digits).text


def _activations(layers: Sequence[LayerDiagnosis]) -> str:
    return " and ".join(dict.fromkeys(layer.activation for layer in layers))


def _standardised(measured: Measurement) -> str:
    return f"inputs standardised to size 1 (theirs is {_number(measured.input_rms)})"


def _initialisation(measured: Measurement) -> str:
    """Return the initialisation that keeps signals and gradients of one size; nothing if the net has it already."""
    name, remedy = ("xavier", XAVIER) if _saturates(measured) else ("he", HE)
    return "" if _started(measured.layers, name) else remedy


def _started(layers: Sequence[LayerDiagnosis], init: str) -> bool:
    return all(layer.init == init for layer in layers)


def _saturates(measured: Measurement) -> bool:
    """Tell whether hidden units have flat ends, as those of the sigmoid."""
    return any(layer.saturated is not None for layer in measured.layers[:-1])
