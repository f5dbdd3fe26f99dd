"""What is wrong with a net that was measured, in a sentence each, and the course's remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd_lite.nn.diagnosis.measurement import LayerDiagnosis, Measurement

__all__ = ["VANISHING", "Finding", "Training", "findings"]

# From where something is a finding, and why there.
STUCK = 0.1  # of the outputs: those which the net should learn most from teach it nothing
DEAD = 0.1  # of a layer's units: that share of the layer is carried along for nothing
SATURATED = 0.5  # of a layer's pairs: more is stopped than passed on; nets that learn well stay below 0.3
VANISHING = 1e-3  # first layer to last: what takes the last layer 100 steps takes the first 100,000
EXPLODING = 1e3  # the mirror image; also of a gradient by itself, which moves a weight by 1 at a rate of 0.001
LARGE_INPUT = 3.0  # standardised inputs have size 1; targets, too
RISEN = 1.2  # times the smallest held-out loss: so much the later ones lie above it, while training loss falls so far
LASTING = 5  # epochs: the held-out loss of a few examples jumps about


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that keeps a net from learning."""

    kind: str  # not finite, rate, confidently wrong, dead, saturated, exploding, vanishing, overfitting
    layers: tuple[int, ...]  # where, from 1
    verdict: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.verdict}. Remedy: {self.remedy}."


@dataclass(frozen=True, slots=True)
class Training:
    """How a training went so far, for what shows only over time."""

    loss: Sequence[float]  # of each epoch
    validation_loss: Sequence[float]  # the same, of examples that were held out; empty if there are none
    stops: bool = False  # whether the best epoch's parameters come back by themselves
    decays: bool = False  # whether the optimiser makes weights smaller


def findings(measured: Measurement, training: Training | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with a net, nothing if it is healthy."""
    broken = tuple(_not_finite(measured))
    if broken:
        return broken  # nan says nothing about sizes
    checks = (_rate, _confidently_wrong, _dead, _saturated, _exploding, _vanishing)
    found = [finding for check in checks for finding in check(measured)]
    return tuple([*found, *_overfitting(training)] if training else found)


def _not_finite(measured: Measurement) -> Iterator[Finding]:
    layers = tuple(layer.layer for layer in measured.layers if not math.isfinite(layer.gradient))
    if not layers and math.isfinite(measured.loss):
        return
    what = f"the gradient in {_named(layers)}" if layers else f"the loss ({measured.loss})"
    remedy = "start again with a smaller rate; `with ag.anomaly():` names the operation where it begins"
    yield Finding("not finite", layers, f"{what} is no finite number", remedy)


def _rate(measured: Measurement) -> Iterator[Finding]:
    """A large step is no fault; one after which the loss is higher, or nan, is."""
    if measured.loss_after is None or measured.loss_after <= measured.loss:
        return
    update, layer = max((layer.update or 0.0, layer.layer) for layer in measured.layers)
    finite, rate = math.isfinite(update), measured.lr or 0.0
    yield Finding(
        "rate",
        (layer,),
        f"a step at the rate {rate:g} moves the weights of layer {layer}"
        f" {f'by {update:.3g} times their size' if finite else 'away from 0'}"
        f" and takes the loss from {measured.loss:.3g} up to {measured.loss_after:.3g}",
        "a smaller rate" + (f"; {0.01 * rate / update:.1g} would move them by a hundredth" if finite else ""),
    )


def _confidently_wrong(measured: Measurement) -> Iterator[Finding]:
    if measured.stuck is None or measured.stuck < STUCK:
        return
    last = measured.layers[-1]
    yield Finding(
        "confidently wrong",
        (last.layer,),
        f"{measured.stuck:.0%} of the {last.activation} outputs lie far on the wrong side, where g'(z) is nearly 0"
        " and this loss cannot pull them back",
        "cross-entropy instead of squared error, for computed from z its derivative there is a full a − y"
        " (fit takes it where no loss is given)",
    )


def _dead(measured: Measurement) -> Iterator[Finding]:
    found = [layer for layer in measured.layers if layer.dead is not None and len(layer.dead) >= DEAD * layer.units]
    if not found:
        return
    counts = ", ".join(f"{len(layer.dead or ())} of {layer.units} units in layer {layer.layer}" for layer in found)
    names = " and ".join(dict.fromkeys(layer.activation for layer in found))
    yield Finding(
        "dead",
        tuple(layer.layer for layer in found),
        f"{counts} ({names}) are never active: g'(z) is 0 on all {measured.examples} examples, so no gradient passes",
        _dead_remedy(measured, found),
    )


def _dead_remedy(measured: Measurement, found: Sequence[LayerDiagnosis]) -> str:
    """Return what keeps units alive, without what these layers started with."""
    leaky = 'leaky ReLU (activation="leaky_relu")'
    if not all(layer.bias is not None and layer.bias > 0.0 for layer in found):
        return f"small positive biases at the start (bias=0.1), or {leaky}"
    started = f"; the biases started at {found[0].bias:g} already"
    if measured.input_size > LARGE_INPUT:
        return f"inputs standardised to size 1 (theirs is {measured.input_size:.3g}), or {leaky}{started}"
    return f"{leaky}{', or a smaller rate' if measured.lr else ''}{started}"


def _saturated(measured: Measurement) -> Iterator[Finding]:
    # Not the last layer: its flat ends are where right answers belong.
    found = [layer for layer in measured.layers[:-1] if (layer.saturated or 0.0) >= SATURATED]
    if not found:
        return
    shares = ", ".join(f"{layer.saturated:.0%} in layer {layer.layer}" for layer in found)
    names = " and ".join(dict.fromkeys(layer.activation for layer in found))
    large = found[0].layer == 1 and measured.input_size > LARGE_INPUT
    yield Finding(
        "saturated",
        tuple(layer.layer for layer in found),
        f"many (unit, example) pairs are saturated ({shares}): there g'(z) of {names} is under 1 % of its maximum",
        " and ".join(
            [*[_XAVIER] * (not _started(found, "xavier")),
             *[f"inputs standardised to size 1 (theirs is {measured.input_size:.3g})"] * large]
        )
        or f"{_RELU}, or a smaller rate (the weights started as Xavier's)",
    )  # fmt: skip


def _exploding(measured: Measurement) -> Iterator[Finding]:
    first, largest = measured.layers[0], max(measured.layers, key=lambda layer: layer.gradient)
    if largest.gradient >= EXPLODING:
        verdict = f"the gradient of layer {largest.layer} is {largest.gradient:.2g} a weight"
    elif EXPLODING <= first.ratio < math.inf:
        verdict = f"the gradient grows on its way back, to {first.ratio:.2g} times the last layer's in layer 1"
    else:
        return
    large = {"inputs": measured.input_size, "targets": measured.target_size or 0.0}
    scaled = " and ".join(what for what, found in large.items() if found > LARGE_INPUT)
    remedies = [_initialisation(measured), f"{scaled} standardised" if scaled else "", "a smaller rate"]
    remedy = ", ".join(filter(None, remedies[:-1])) + (", and " if any(remedies[:-1]) else "") + remedies[-1]
    yield Finding("exploding", (largest.layer,), verdict, remedy)


def _vanishing(measured: Measurement) -> Iterator[Finding]:
    first, last = measured.layers[0], measured.layers[-1]
    stopped = any(layer.dead_share == 1.0 for layer in measured.layers)  # then the dead units are the finding
    if first is last or stopped:
        return
    if first.gradient < VANISHING * last.gradient:
        share = f"{first.ratio:.2g} times the last layer's" if first.gradient else "0"
        verdict = f"the gradient of layer 1 is {share}, so it hardly learns"
    elif measured.signal < VANISHING * min(measured.input_size, 1.0):
        # The last layer's gradient is its inputs times what arrives: it fades with them, and the ratio hides it.
        verdict = f"what layer {last.layer} reads has faded to {measured.signal:.2g}, and all gradients with it"
    else:
        return
    cure = _initialisation(measured)
    if _flat_ends(measured):
        cure = f"{_RELU}, or fewer layers" + (f" with {cure}" if cure else "")
    yield Finding("vanishing", (1,), verdict, cure or "fewer layers (the weights started as He's)")


def _overfitting(training: Training) -> Iterator[Finding]:
    """The net learns its examples by heart: on others it grows worse, while on its own it still improves."""
    held_out, loss = training.validation_loss, training.loss
    if len(held_out) <= LASTING or not all(map(math.isfinite, held_out)):
        return
    best = min(range(len(held_out)), key=held_out.__getitem__)
    rises = min(held_out[-LASTING:]) > RISEN * held_out[best] and held_out[-1] > loss[-1]
    if not rises or not RISEN * loss[-1] < loss[best]:
        return
    smaller = [
        *["weight decay (nn.AdamW)"] * (not training.decays),
        "fewer units",
        "more examples",
    ]
    stop = f"stop near epoch {best + 1} (epochs={best + 1}, or patience=10, which brings its parameters back)"
    remedy = f"{', '.join(smaller[:-1])} or {smaller[-1]}"
    yield Finding(
        "overfitting",
        (),
        f"the held-out loss has risen from {held_out[best]:.3g} after epoch {best + 1} to {held_out[-1]:.3g}, while the"
        f" training loss fell from {loss[best]:.3g} to {loss[-1]:.3g}",
        remedy if training.stops else f"{stop}; {remedy}",
    )


_XAVIER = 'Xavier initialisation (init="xavier")'
_HE = 'He initialisation (init="he")'
_RELU = 'ReLU hidden units with He initialisation (activation="relu", init="he")'


def _initialisation(measured: Measurement) -> str:
    """Return the initialisation that keeps signals and gradients of one size; nothing if the net has it already."""
    flat = _flat_ends(measured)
    return "" if _started(measured.layers, "xavier" if flat else "he") else _XAVIER if flat else _HE


def _started(layers: Sequence[LayerDiagnosis], init: str) -> bool:
    return all(layer.init == init for layer in layers)


def _flat_ends(measured: Measurement) -> bool:
    return any(layer.saturated is not None for layer in measured.layers[:-1])


def _named(layers: tuple[int, ...]) -> str:
    return f"layer{'s'[: len(layers) != 1]} {', '.join(map(str, layers))}"
