"""Large widths made small: most steps say the same of a matrix with 784 columns as of one with 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.ops import Embed, Identity, Mean, OneHot, Repeat, Selection, Shape, Slice, Sum, Tensor, rebuilt, walk
from derive.program.program import Program

# nodes that hold a width themselves, or print it (the upper limit of a sum)
HOLD_A_WIDTH = (Embed, Identity, Mean, OneHot, Repeat, Selection, Slice, Sum)

Widths = Mapping[int, int]


def small_widths(program: Program, above: int) -> Widths:
    """A number from 2 to 4 for each width in numbers that is larger than `above`."""
    tensors = [quantity.tensor for quantity in program.givens] + [step.target for step in program.steps]
    large = sorted({d for tensor in tensors for d in tensor.shape if isinstance(d, int) and d > above})
    return {width: 2 + position % 3 for position, width in enumerate(large)}


def shrunk_shape(shape: Shape, widths: Widths) -> Shape:
    """The shape with its large widths replaced."""
    return tuple(widths.get(d, d) if isinstance(d, int) else d for d in shape)


def shrunk(program: Program, above: int) -> Program:
    """The program with large widths made small, but for steps that hold one of them: these are left as they are."""
    widths = small_widths(program, above)
    kept = {
        width
        for step in program.steps
        for node in walk(step.formula)
        if isinstance(node, HOLD_A_WIDTH)
        for width in (*node.shape, *(d for operand in node.operands for d in operand.shape))
        if width in widths
    }
    widths = {width: small for width, small in widths.items() if width not in kept}
    if not widths:
        return program

    def shrink(tensor: Tensor) -> Tensor:
        return Tensor(tensor.name, shrunk_shape(tensor.shape, widths))

    tensors = {quantity.tensor for quantity in program.givens} | {step.target for step in program.steps}
    given = {tensor: shrink(tensor) for tensor in tensors}
    return replace(
        program,
        givens=tuple(replace(quantity, tensor=given[quantity.tensor]) for quantity in program.givens),
        steps=tuple(
            replace(step, target=given[step.target], formula=rebuilt(step.formula, given)) for step in program.steps
        ),
    )
