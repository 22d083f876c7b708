"""Names of quantities as Python identifiers: `W_1` is `W1`, `dL/dW_1` is `dL_dW1`, `W_1'` is `W1_new`."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping

from derive.ops import LOSSES, ROWS
from derive.program import Program, Role

# Words that the programs themselves use; a quantity that is called so gets another name.
LIBRARIES = frozenset({"np", "torch", "nn", "F", "math"})
HELPERS = frozenset({"softmax", "log_softmax", "augment", "embed"})
VARIABLES = frozenset({"rng", "truth", "training_data", "epoch", "param", "params", "self", "y_pred"})
MACHINES = frozenset({"model", "optimizer", "loss_function", "network", "Network", "Linear"})

RESERVED = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))
RESERVED |= LIBRARIES | HELPERS | VARIABLES | MACHINES | {*ROWS, *LOSSES}
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SAMPLE = re.compile(r"\((\d+)\)")
_ENTRY = re.compile(r"\[([\d,]+)\]")


def identifier(name: str) -> str:
    """The name of a quantity as Python would have it; raises where it cannot be one."""
    text = _ENTRY.sub(lambda found: f"_at{found[1].replace(',', 'x')}", name)
    text = text.replace("|", "_holding_").replace(",", "_")
    text = _SAMPLE.sub(r"_sample\1", text).replace("/", "_").replace("'", "_new")
    text = re.sub(r"_(?=[0-9])", "", text)
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{name!r} cannot be a name in a program")
    return text


def choose_names(
    names: Iterable[str], preferred: Mapping[str, str] | None = None, reserved: frozenset[str] = frozenset()
) -> dict[str, str]:
    """A different identifier for each name: the preferred one, or its own, with `_` behind where that is taken."""
    chosen: dict[str, str] = {}
    used: set[str] = set()
    for name in names:
        text = (preferred or {}).get(name) or identifier(name)
        while text in used or text in RESERVED or text in reserved:
            text += "_"
        chosen[name] = text
        used.add(text)
    return chosen


def program_names(
    program: Program, preferred: Mapping[str, str] | None = None, reserved: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Identifiers for all quantities of a program and for its dimension symbols."""
    steps = [step for step in program.steps if step.role is not Role.ENTRY]  # an entry is part of another quantity
    tensors = [quantity.tensor for quantity in program.givens] + [step.target for step in steps]
    nodes = [*tensors, *(step.formula for step in steps)]
    symbols = {str(symbol) for node in nodes for symbol in dimension_symbols(node)} | set(program.dimensions)
    return choose_names([*(tensor.name for tensor in tensors), *sorted(symbols)], preferred, reserved)


def dimension_symbols(node: object) -> set[object]:
    """The dimension symbols anywhere in an expression: in counts such as 1/N and in the shapes it holds."""
    from sympy import Symbol, preorder_traversal

    return {part for part in preorder_traversal(node) if isinstance(part, Symbol)}
