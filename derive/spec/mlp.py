"""The short form: the network that `architecture`, `activations` and `loss` describe."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from derive.spec.faults import Faults, listing, suggestion
from derive.spec.layers import ACTIVATIONS, LOSSES, Frame
from derive.spec.model import ProblemFile
from derive.spec.presets import PRESETS
from derive.spec.problem import MLP, Call, Conventions, Samples, Width
from derive.spec.recovery import PartialFile
from derive.spec.symbols import SQUARED_ERROR, SquaredError
from derive.spec.tree import TreePath

_LAYER = re.compile(r"[Wb]_([1-9][0-9]{0,3})")
_USUAL = Call("tanh"), Call("mse")  # what stands for an activation and a loss that are unknown


@dataclass(frozen=True)
class Network:
    """The network of a file as far as it is known: what is unknown in `mlp` is filled with what is usual.

    `mlp` is None where not even the number of layers is known. `has_loss` and `has_samples` say whether the loss and
    the layout of the samples are known; `others` holds further forms that the network may have.
    """

    mlp: MLP | None
    frame: Frame
    has_loss: bool
    has_samples: bool
    others: tuple[MLP, ...] = ()


def read_network(read: PartialFile, faults: Faults) -> Network:
    """The network and the names of its input and target; what is wrong with them is noted."""
    activations, loss = _activations(read, faults), _loss(read, faults)
    widths = _widths(read, faults)
    frame = _frame(read, faults)
    has_samples = _has_samples(read, frame.input)
    if not widths:
        return Network(None, frame, loss is not None, has_samples)
    known = [*activations, *[None] * len(widths)][: len(widths) - 1]
    usual, usual_loss = _USUAL
    filled = tuple(call or usual for call in known)
    mlp = MLP(widths, filled, loss or usual_loss, _has_bias(read), _samples(read, frame.input))
    other = replace(mlp, activations=tuple(call or Call("identity") for call in known))
    return Network(mlp, frame, loss is not None, has_samples, () if all(known) else (other,))


def _activations(read: PartialFile, faults: Faults) -> list[Call | None]:
    """The activations, None for one that is unknown."""
    activations = read.file.activations or []
    if not activations and read.knows("activations") and _has_widths(read):
        faults.add(("architecture",), "an architecture without `activations:`", "one activation for each layer")
    return [
        _usable(activation, ACTIVATIONS, "activation", ("activations", place), faults)
        if read.knows("activations", place)
        else None
        for place, activation in enumerate(activations)
    ]


def _loss(read: PartialFile, faults: Faults) -> Call | None:
    """The loss, None if it is unknown."""
    if read.file.loss is None and read.knows("loss") and _has_widths(read):
        faults.add(("architecture",), "an architecture without `loss:`", f"one of {listing(LOSSES)}")
    loss = _usable(read.file.loss, LOSSES, "loss", ("loss",), faults) if read.file.loss else None
    return own_loss(loss, read.file.notation.preset if read.file.notation else None) if loss else None


def own_loss(loss: Call, preset: str | None) -> Call:
    """The loss; a squared error has the factor and the reduction of the preset."""
    if loss.name != SQUARED_ERROR:
        return loss
    return Call(loss.name, (PRESETS[preset].squared_error if preset else SquaredError()).options)


def _has_widths(read: PartialFile) -> bool:
    """Whether there is an architecture, be it wrong; without one it is told that this is what is missing."""
    return bool(read.file.architecture) or not read.knows("architecture")


def _widths(read: PartialFile, faults: Faults) -> tuple[Width, ...]:
    """The widths of the layers; none if the number of layers is unknown."""
    widths, count = tuple(read.file.architecture or ()), len(read.file.activations or ())
    if not widths or count in (0, len(widths) - 1):
        return widths
    found = f"{count} activations for {len(widths) - 1} layers"
    faults.add(("activations",), found, "one activation for each layer after the input")
    return widths if _has_layers(read, len(widths) - 1) else ()


def _has_layers(read: PartialFile, layers: int) -> bool:
    """Whether the parameters speak for a number of layers, or at least not against it."""
    matches = [match for name in read.file.parameters if (match := _LAYER.fullmatch(name))]
    return not matches or max(int(match[1]) for match in matches) == layers


def _usable(call: Call, known: dict[str, tuple[str, ...]], kind: str, path: TreePath, faults: Faults) -> Call | None:
    """An activation or a loss with those of its options that it may have; None if it is unknown."""
    if call.name not in known:
        faults.add(path, f"the unknown {kind} `{call.name}`", f"one of {listing(known)}", suggestion(call.name, known))
        return None
    options: dict[str, str] = {}
    for option, value in call.options.items():
        if flaw := _option_flaw(option, value, known[call.name]):
            faults.add((*path, call.name, option), *flaw)
        else:
            options[option] = value
    return Call(call.name, options)


def _option_flaw(option: str, value: str, allowed: tuple[str, ...]) -> tuple[str, str] | None:
    """What was found and expected, if an option may not be given or not have this value."""
    if option not in allowed:
        return f"the unknown option `{option}`", f"one of {listing(allowed)}" if allowed else "no options"
    if (option == "reduction") != value.isalpha() or (value.isalpha() and value not in ("sum", "mean")):
        return f"`{value}`", "`sum` or `mean`" if option == "reduction" else "a number"
    return None


def _frame(read: PartialFile, faults: Faults) -> Frame:
    """The one input and the one target; x and t where a problem without numbers names none."""
    file = read.file
    numeric = has_numbers(read)
    for section, usual in (("input", "x"), ("target", "t")):
        given = list(getattr(file, section))
        if len(given) > 1:
            faults.add((section,), listing(given), f"one {section} in the short form", "write `forward:` for more")
        elif not given and numeric and not read.may_vary(usual) and not read.has_gap(section):
            faults.add((section,), f"no {section}", f"numbers for one, as in `{section}: {{{usual}: [...]}}`")
    return Frame(next(iter(file.input), "x"), next(iter(file.target), "t"), conventions_of(file))


def conventions_of(file: ProblemFile) -> Conventions:
    """The conventions of a file as data of a problem."""
    return Conventions(**{**dict(file.conventions), "frozen": tuple(file.conventions.frozen)})


def has_numbers(read: PartialFile) -> bool:
    """Whether the problem is one with numbers, so that it needs an input and a target."""
    return any(
        value is not None or not read.knows(section, name)
        for section in ("parameters", "input")
        for name, value in getattr(read.file, section).items()
    )


def _has_bias(read: PartialFile) -> bool:
    """As the file says; otherwise there are biases if any is given, or if no parameter is given at all."""
    file = read.file
    if file.bias is not None:
        return file.bias
    if file.conventions.bias == "augmented":
        return True
    layers = range(1, len(file.architecture or ()))
    is_drawn = any(read.may_vary(f"b_{layer}") for layer in layers)
    return is_drawn or not file.parameters or any(name.startswith("b_") for name in file.parameters)


def _samples(read: PartialFile, name: str) -> Samples:
    """A matrix as input is a batch; anything else is one sample."""
    value, shape = read.file.input.get(name), read.file.shapes.get(name, ())
    return read.file.conventions.samples if len(shape if value is None else value.shape) == 2 else "one"


def _has_samples(read: PartialFile, name: str) -> bool:
    """Whether the file says which samples there are and how they lie."""
    is_batch = _samples(read, name) != "one"
    has_layout = read.knows("conventions", "samples") or not is_batch
    return has_layout and read.knows("input", name) and read.knows("shapes", name)
