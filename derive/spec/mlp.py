"""The short form: the network that `architecture`, `activations` and `loss` describe."""

from __future__ import annotations

from derive.spec.faults import Faults, listing, suggestion
from derive.spec.layers import ACTIVATIONS, LOSSES, Symbols
from derive.spec.model import ProblemFile
from derive.spec.problem import MLP, Call, Samples
from derive.spec.tree import TreePath


def read_network(file: ProblemFile, faults: Faults) -> tuple[MLP, Symbols]:
    """The network and the names of its input and target; raises if the file does not say what they are."""
    widths, activations, loss = tuple(file.architecture or ()), tuple(file.activations or ()), file.loss
    if not activations:
        faults.add(("architecture",), "an architecture without `activations:`", "one activation for each layer")
    elif len(activations) != len(widths) - 1:
        found = f"{len(activations)} activations for {len(widths) - 1} layers"
        faults.add(("activations",), found, "one activation for each layer after the input")
    for place, activation in enumerate(activations):
        _check_call(activation, ACTIVATIONS, "activation", ("activations", place), faults)
    if loss is None:
        faults.add(("architecture",), "an architecture without `loss:`", f"one of {listing(LOSSES)}")
    else:
        _check_call(loss, LOSSES, "loss", ("loss",), faults)
    symbols = _symbols(file, faults)
    faults.raise_any()
    assert loss is not None, "told above"
    return MLP(widths, activations, loss, _has_bias(file), _samples(file, symbols.input)), symbols


def _check_call(call: Call, known: dict[str, tuple[str, ...]], kind: str, path: TreePath, faults: Faults) -> None:
    """An activation or a loss must be known, and so must its options."""
    if call.name not in known:
        faults.add(path, f"the unknown {kind} `{call.name}`", f"one of {listing(known)}", suggestion(call.name, known))
        return
    for option, value in call.options.items():
        allowed = known[call.name]
        if option not in allowed:
            expected = f"one of {listing(allowed)}" if allowed else "no options"
            faults.add((*path, call.name, option), f"the unknown option `{option}`", expected)
        elif (option == "reduction") != value.isalpha() or (value.isalpha() and value not in ("sum", "mean")):
            expected = "`sum` or `mean`" if option == "reduction" else "a number"
            faults.add((*path, call.name, option), f"`{value}`", expected)


def _symbols(file: ProblemFile, faults: Faults) -> Symbols:
    """The one input and the one target; x and t where a problem without numbers names none."""
    numeric = any(value is not None for section in (file.parameters, file.input) for value in section.values())
    for section, usual in (("input", "x"), ("target", "t")):
        given = list(getattr(file, section))
        if len(given) > 1:
            faults.add((section,), listing(given), f"one {section} in the short form", "write `forward:` for more")
        elif not given and numeric:
            faults.add((section,), f"no {section}", f"numbers for one, as in `{section}: {{{usual}: [...]}}`")
    return Symbols(next(iter(file.input), "x"), next(iter(file.target), "t"), file.conventions.weights)


def _has_bias(file: ProblemFile) -> bool:
    """As the file says; otherwise there are biases if any is given, or if no parameter is given at all."""
    if file.bias is not None:
        return file.bias
    return not file.parameters or any(name.startswith("b_") for name in file.parameters)


def _samples(file: ProblemFile, name: str) -> Samples:
    """A matrix as input is a batch; anything else is one sample."""
    value = file.input.get(name)
    levels = len(file.shapes.get(name, ())) if value is None else len(value.shape)
    return file.conventions.samples if levels == 2 else "one"
