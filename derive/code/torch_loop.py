"""A training loop in PyTorch with tensors of its own: forward pass, `loss.backward()`, update; and its shapes."""

from __future__ import annotations

from dataclasses import dataclass

from derive.code.chain import Affine, Chain, as_chain
from derive.code.expressions import Writer
from derive.code.folding import assignment
from derive.code.losses import needed_steps, torch_loss
from derive.code.model import Gap, Line, Part, Source, plain
from derive.code.names import program_names
from derive.code.pieces import (
    EPOCHS,
    bound_symbols,
    definitions,
    formula_text,
    free_sizes,
    given_parts,
    imports,
    indented,
    is_numeric,
    needs_safe_logs,
    rate_line,
    require_old_weights,
    require_training,
    sizes_line,
    title_of,
)
from derive.code.torch_language import TORCH
from derive.code.toy import seed_line, training_data
from derive.evaluate import Values
from derive.ops import Softmax
from derive.program import Program, Role
from derive.spec import Problem

INSIDE = 8  # columns in front of the body of the two loops
SMALL = "0.1"  # what random parameters are multiplied by


@dataclass(frozen=True)
class ShapeOf:
    """A tensor in the program and its shape, in numbers and dimension symbols; `given` ones are not asked for."""

    tensor: str
    quantity: str
    shape: str
    given: bool = False


def torch_loop(problem: Problem, program: Program, values: Values | None = None) -> Source:
    """Gradient descent with tensors and autograd; at the end each shape is asserted."""
    loop = _Loop(problem, program, values)
    body = loop.body()
    parts = [*loop.given(), body, loop.shapes_part()]
    parts = [part for part in parts if part]
    parts = [*definitions(loop.writer), *parts]
    return Source("pytorch", title_of(problem), (imports(parts, ["import torch"]), *parts))


def torch_shapes(problem: Problem, program: Program) -> tuple[ShapeOf, ...]:
    """The table of shapes: the tensors of the loop in order, then the gradients of the parameters."""
    return _Loop(problem, program, None).shapes()


class _Loop:
    """The parts of the loop for one problem."""

    def __init__(self, problem: Problem, program: Program, values: Values | None) -> None:
        self.problem, self.program = problem, program
        self.loss = require_training(problem, program)
        require_old_weights(problem)
        self.call = torch_loss(problem, program)
        chain = as_chain(problem, program)
        self.names = program_names(program, taught_names(chain, program) if chain else None)
        self.writer = Writer(TORCH, self.names, needs_safe_logs(program, values))
        self.learnt = [step.name.removesuffix("'") for step in program.by_role(Role.UPDATE)]
        self.learnt.sort(key=[given.name for given in problem.givens].index)
        self.data = [given for given in problem.givens if given.role in ("input", "target")]

    def given(self) -> list[Part]:
        """Parameters, learning rate and training data."""
        rate, params = rate_line(self.problem, self.names), self.parameter_list()
        if is_numeric(self.problem):
            names = [self.names[given.name] for given in self.data]
            packed = names[0] if len(names) == 1 else f"({', '.join(names)})"
            parts = given_parts(
                self.problem, self.program, self.writer, ("parameter", "constant", "input", "target"), False
            )
            double = Line(("torch.set_default_dtype(torch.float64)",), "as exact as NumPy")
            data = [plain(f"training_data = [{packed}]")] if names else []
            return [(double,), *parts, rate, params, *data]
        sizes = sizes_line(free_sizes(self.problem, self.program), self.writer)
        return [
            (*seed_line(self.writer), *sizes),
            (*self.random_parameters(), *params),
            rate,
            *training_data(self.problem, self.program, self.writer),
        ]

    def random_parameters(self) -> Part:
        """`W1 = torch.randn(size=(784, H))`"""
        lines: list[Line] = []
        for given in self.problem.givens:
            if given.role in ("parameter", "constant"):
                sizes = self.writer.sizes(self.program.tensor(given.name).shape)
                pieces = (f"{self.names[given.name]} = torch.randn(size=(", Gap(sizes, f"size:{given.name}"), "))")
                tensor = f"{self.names[given.name]} = torch.tensor(0.1)"
                lines.append(Line(pieces if sizes else (tensor,)))
        return tuple(lines)

    def parameter_list(self) -> Part:
        """Let PyTorch keep the gradients of the parameters."""
        listed = ", ".join(self.names[name] for name in self.learnt)
        lines = [*plain(f"params = [{listed}]", "for param in params:")]
        if not is_numeric(self.problem):
            lines.append(Line((f"    param *= {SMALL}",), "small weights to start from"))
        lines.append(Line(("    param.requires_grad_()",), "so that backward() fills param.grad"))
        return tuple(lines)

    def body(self) -> Part:
        """The two loops."""
        inputs = [self.names[given.name] for given in self.data]
        forward = [*plain("# forward pass"), *self.forward()]
        symbols = bound_symbols(self.problem, self.program, self.writer, batches=True)
        inner = [
            *((*symbols, Line()) if symbols else ()),
            *forward,
            *plain("", "# backward pass"),
            Line((f"{self.names[self.loss.name]}.backward()",), "gradients are now in .grad"),
            Line(("with torch.no_grad():",), "the update is not part of the loss"),
            *plain("    for param in params:"),
            Line(("        param -= ", Gap(f"{self.rate} * param.grad", "update"))),
            Line(("        param.grad.zero_()",), "or the next gradients would be added to these"),
        ]
        each = plain(f"    for {', '.join(inputs)} in training_data:") if inputs else ()
        shown = f"{{{self.names[self.loss.name]}.item():.4f}}"
        return (
            *plain(f"for epoch in range({EPOCHS}):"),
            *each,
            *indented(tuple(inner), 2 if each else 1),
            *plain(f'    print(f"epoch {{epoch + 1}}: loss {shown}")'),
        )

    @property
    def rate(self) -> str:
        return self.names[self.problem.update.symbol] if self.problem.update else ""

    def forward(self) -> Part:
        """The steps of the forward pass, the loss by PyTorch's own function where it has one."""
        call, kept = self.call, self.kept()
        lines: list[Line] = []
        for step in self.program.forward:
            if step.name not in kept or (step is self.loss and call):
                continue
            formula = formula_text(step.formula, step.target, self.writer)
            lines += assignment(self.names[step.name], formula, step.name, "", INSIDE)
        if call:
            comment = "applies the softmax itself" if call.prediction.name != call.loss.prediction else ""
            lines += assignment(self.names[self.loss.name], call.text(self.writer), self.loss.name, comment, INSIDE)
        return tuple(lines)

    def shapes(self) -> tuple[ShapeOf, ...]:
        """Every tensor of the loop, then the gradients."""
        rows = [self.shape_of(given.name, self.names[given.name], True) for given in self.data]
        written = [step.name for step in self.program.forward if step.name in self.kept()]
        rows += [self.shape_of(name, self.names[name]) for name in written]
        rows += [self.shape_of(name, f"{self.names[name]}.grad", about=f"dL/d{name}") for name in self.learnt]
        return tuple(rows)

    def kept(self) -> frozenset[str]:
        """The forward steps that the loop has; the loss may need no one-hot vectors."""
        call = self.call
        used = {
            tensor.name for step in self.program.forward if step is not self.loss or not call for tensor in step.uses
        }
        return needed_steps(self.program, used | ({call.prediction.name, call.target.name} if call else set()))

    def shape_of(self, name: str, text: str, given: bool = False, about: str = "") -> ShapeOf:
        shape = self.program.tensor(name).shape
        if name == self.loss.name and self.call:  # PyTorch's losses are numbers without a shape
            shape = ()
        return ShapeOf(text, about or name, self.writer.shape(shape), given)

    def shapes_part(self) -> Part:
        """`assert logits.shape == (N, 10)` for each."""
        lines = [
            Line(
                (f"assert {row.tensor}.shape == ", row.shape if row.given else Gap(row.shape, f"shape:{row.quantity}"))
            )
            for row in self.shapes()
        ]
        return (*plain("# shapes"), *lines)


def taught_names(chain: Chain, program: Program) -> dict[str, str]:
    """The names that courses use: x_batch, linear_out_1, activations_1, logits, probs, loss."""
    batch = "_batch" if chain.input.rank == 2 else ""
    names = {chain.input.name: f"x{batch}"}
    if chain.target is not None:
        names[chain.target.name] = f"y{batch}"
    assert program.loss is not None
    names[program.loss.name] = "loss"
    number = 0
    for layer in chain.layers:
        if isinstance(layer, Affine):
            number += 1
            names[layer.step.name] = f"linear_out_{number}"
        elif names.get(layer.input.name, "").startswith("linear_out"):
            names[layer.step.name] = f"activations_{number}"
    return names | _last_names(chain, program)


def _last_names(chain: Chain, program: Program) -> dict[str, str]:
    """Logits where a softmax or sigmoid makes probabilities of them; otherwise a prediction."""
    results = [step for step in program.forward if step.role is Role.FORWARD and step.name not in _targets(chain)]
    last = results[-1]
    makes = isinstance(last.formula, Softmax) or any(
        getattr(node, "row", None) is not None and node.row.fuses for node in (last.formula,)
    )
    if makes and len(last.uses) == 1:
        return {last.name: "probs", last.uses[0].name: "logits"}
    return {last.name: "prediction"}


def _targets(chain: Chain) -> set[str]:
    """The steps that only prepare targets."""
    known = {chain.target.name} if chain.target is not None else set()
    for step in chain.loss:
        if {tensor.name for tensor in step.uses} <= known:
            known.add(step.name)
    return known
