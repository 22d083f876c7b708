"""The short form as a macro: architecture, activations and loss become equations of the general language."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple

from derive import ops
from derive.spec.names import is_name
from derive.spec.problem import MLP, Call, Conventions, OneMore, Size
from derive.spec.symbols import SQUARED_ERROR

# For each activation and loss that the short form knows by name: the options it takes.
_Options = dict[str, tuple[str, ...]]
ACTIVATIONS: _Options = {name: row.options for name, row in ops.ROWS.items() if row.activation and not row.internal}
ACTIVATIONS |= {"softmax": (), "log_softmax": ()}
LOSSES: _Options = {
    name: (*(option for option in loss.options if option != "axis"), "reduction", "factor")
    for name, loss in ops.LOSSES.items()
    if name != "cross_entropy_logits"  # what cross_entropy becomes where no softmax has made probabilities
} | {SQUARED_ERROR: ()}

# Letters in the order in which they are tried, for the case that the author uses one of them.
_PRE_ACTIVATIONS = ("a", "s", "u", "v")
_ACTIVATED = ("z", "h", "g", "o")
_OUTPUTS = ("y", "y_hat", "o", "p")
_LOSS_NAMES = ("L", "J", "E", "C")
_ALONG_CLASSES = frozenset({"softmax", "log_softmax", "cross_entropy", "cross_entropy_logits"})


class Frame(NamedTuple):
    """What the equations need beside the network itself: the names of input and target, and the author's choices."""

    input: str
    target: str
    conventions: Conventions


class LayerNames(NamedTuple):
    """One pre-activation (None where the activation is the identity) and one result for each layer, and the loss."""

    pre_activations: list[str | None]
    results: list[str]
    loss: str


class Expansion(NamedTuple):
    """The equations of a network in the order in which they are computed, and the names that they define."""

    lines: list[str]
    names: LayerNames


def expand(mlp: MLP, frame: Frame, count: Size, taken: Collection[str]) -> Expansion:
    """The equations of a network on `count` samples, none of them using a name in `taken`."""
    names = _choose_names(mlp.activations, taken)
    lines: list[str] = []
    source = frame.input
    for layer, activation in enumerate(mlp.activations, start=1):
        pre_activation, result = names.pre_activations[layer - 1], names.results[layer - 1]
        lines.append(f"{pre_activation or result} = {_affine(mlp, frame.conventions, layer, source)}")
        if pre_activation:
            lines.append(f"{result} = {_call(mlp, activation, pre_activation)}")
        source = result
    lines.append(f"{names.loss} = {_loss(mlp, source, frame.target, count)}")
    return Expansion(lines, names)


def loss_call(mlp: MLP) -> Call:
    """The loss as a function: cross-entropy takes logits unless a softmax has made them probabilities."""
    if mlp.loss.name == "cross_entropy" and mlp.activations[-1].name != "softmax":
        return Call("cross_entropy_logits", mlp.loss.options)
    return mlp.loss


def _choose_names(activations: tuple[Call, ...], taken: Collection[str]) -> LayerNames:
    """`a`, `z`, `y` where there is one of each; otherwise `a_1`, `z_1`, `a_2`, ...; the last result is `y`."""
    activated = [activation.name != "identity" for activation in activations]
    numbered = len(activations) > 2 or sum(activated) > 1
    endings = [f"_{layer}" if numbered else "" for layer in range(1, len(activations) + 1)]
    used = set(taken)
    pre_activations = iter(_free_names(_PRE_ACTIVATIONS, list(itertools.compress(endings, activated)), used))
    results = _free_names(_ACTIVATED, endings[:-1], used) + _free_names(_OUTPUTS, [""], used)
    [loss] = _free_names(_LOSS_NAMES, [""], used)
    return LayerNames([next(pre_activations) if has_function else None for has_function in activated], results, loss)


def _free_names(letters: tuple[str, ...], endings: list[str], used: set[str]) -> list[str]:
    """The first letter with these endings of which neither it nor any of the names is used; it is used from now on."""
    made_up = (f"{letters[0]}{number}" for number in itertools.count())
    letter = next(
        letter
        for letter in itertools.chain(letters, made_up)
        if used.isdisjoint({letter, *(letter + ending for ending in endings)})
    )
    names = [letter + ending for ending in endings]
    used.update(names)
    return names


def _affine(mlp: MLP, conventions: Conventions, layer: int, source: str) -> str:
    """Weights times input plus bias, in the author's layouts of weights, samples and bias."""
    weight, bias = f"W_{layer}", f"b_{layer}"
    out_in = conventions.weights == "out_in"
    vectors = conventions.vectors or ("columns" if out_in else "rows")
    in_rows = (vectors if mlp.samples == "one" else mlp.samples) == "rows"
    if mlp.bias and conventions.bias == "augmented":
        source = f"augment({source})" if in_rows else f"augment({source}, axis=0)"
    if in_rows:
        product = f"{source} @ {weight}.T" if out_in else f"{source} @ {weight}"
    else:
        product = f"{weight} @ {source}" if out_in else f"{weight}.T @ {source}"
    if not mlp.bias or conventions.bias == "augmented":
        return product
    return f"{bias} + {product}" if conventions.bias == "first" else f"{product} + {bias}"


def _loss(mlp: MLP, output: str, target: str, count: Size) -> str:
    """The loss as a call, or a squared error as it is written: 1/(2*N) * sum((y - t)**2)."""
    if mlp.loss.name != SQUARED_ERROR:
        return _call(mlp, loss_call(mlp), output, target)
    number = squared_error_factor(mlp, count)
    errors = f"sum(({output} - {target})**2)"
    return errors if number == "1" else f"{number} * {errors}"


def squared_error_factor(mlp: MLP, count: Size) -> str:
    """What multiplies the sum of all squares: the factor, divided by the number of samples where it is a mean."""
    factor = Fraction(mlp.loss.options["factor"])
    if mlp.samples == "one" or mlp.loss.options["reduction"] == "sum":
        return str(factor)
    if isinstance(count, int):
        return str(factor / count)
    below = f"({count})" if isinstance(count, OneMore) else count
    below = below if factor.denominator == 1 else f"({factor.denominator}*{below})"
    return f"{factor.numerator}/{below}"


def _call(mlp: MLP, call: Call, *arguments: str) -> str:
    """A call with the options that the author gave, and the axis of the classes where samples are columns."""
    options = dict(call.options)
    if mlp.samples == "columns" and call.name in _ALONG_CLASSES:
        options["axis"] = "0"
    written = (f'{name}="{value}"' if is_name(value) else f"{name}={value}" for name, value in options.items())
    return f"{call.name}({', '.join((*arguments, *written))})"
