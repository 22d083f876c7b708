"""The same network as an `nn.Module` with a loss, an optimiser, and the five steps of a training iteration."""

from __future__ import annotations

from derive.code.chain import Affine, Chain, read_chain
from derive.code.expressions import Writer
from derive.code.folding import assignment, statement
from derive.code.iteration import training_iteration
from derive.code.losses import CLASSES, torch_loss
from derive.code.model import Gap, Line, Part, Source, plain
from derive.code.names import program_names
from derive.code.pieces import (
    EPOCHS,
    bound_symbols,
    definitions,
    free_sizes,
    given_parts,
    imports,
    indented,
    is_numeric,
    needs_safe_logs,
    rate_line,
    refuse,
    require_old_weights,
    require_training,
    sizes_line,
    title_of,
)
from derive.code.torch_language import TORCH
from derive.code.toy import seed_line, training_data
from derive.evaluate import Values
from derive.ops import LogSoftmax, Softmax, SumAxis, Tensor, walk
from derive.program import Program, Step
from derive.spec import Problem

IN_METHOD, IN_LOOP = 8, 8  # columns in front
PREDICTION = "y_pred"
ALONG_CLASSES = (Softmax, LogSoftmax, SumAxis)


def torch_module(problem: Problem, program: Program, values: Values | None = None) -> Source:
    """Model, loss, optimiser and loop; the given numbers are loaded into the model, if there are any."""
    require_training(problem, program)
    require_old_weights(problem)
    module = _Module(problem, program, values)
    model, loss, data = module.model(), module.loss_function(), module.data()
    parts = [*data, model, module.instance(), *loss, module.loop()]
    parts = [*definitions(module.writer), *(part for part in parts if part)]
    return Source("pytorch", title_of(problem), (imports(parts, ["import torch", "from torch import nn"]), *parts))


class _Module:
    """The parts of the program for one problem."""

    def __init__(self, problem: Problem, program: Program, values: Values | None) -> None:
        self.problem, self.program = problem, program
        self.chain: Chain = read_chain(problem, program)
        self.call = torch_loss(problem, program)
        self.names = program_names(program, reserved=frozenset({"loss"}))
        self.writer = Writer(TORCH, self.names, needs_safe_logs(program, values))
        self.linear = {layer.step.name: f"linear{n}" for n, layer in enumerate(self.chain.affine, 1)}
        self.layers = {layer.step.name: layer for layer in self.chain.affine}
        self.inner, self.outer = self._split()
        self.check_columns()

    def _split(self) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The steps of the model, and those of the loss: from what PyTorch's loss takes, or from the result, on."""
        prepared = {self.chain.target.name} if self.chain.target is not None else set()
        results: list[Step] = []
        others: list[Step] = []
        for step in self.program.forward:
            of_targets = {tensor.name for tensor in step.uses} <= prepared
            (others if of_targets or step is self.program.loss else results).append(step)
            prepared |= {step.name} if of_targets else set()
        if self.call:
            names = [step.name for step in results]
            results = (
                results[: names.index(self.call.prediction.name) + 1] if self.call.prediction.name in names else []
            )
        return tuple(results), tuple(others)

    def check_columns(self) -> None:
        """Functions along the classes would run over the samples once these stand in rows."""
        steps = (*self.inner, *(() if self.call else self.outer))
        mixed = any(isinstance(node, ALONG_CLASSES) for step in steps for node in walk(step.formula))
        if self.chain.in_columns and mixed:
            found = "samples in columns, with a function along the classes"
            raise refuse(self.problem, found, "samples in rows, as nn.Linear takes them", "the style `loop` writes it")

    @property
    def result(self) -> Tensor:
        """What the model returns."""
        return self.inner[-1].target if self.inner else self.chain.input

    def data(self) -> list[Part]:
        """The given numbers or toy data, with the samples in rows."""
        rate = rate_line(self.problem, self.names)
        if not is_numeric(self.problem):
            first = (*seed_line(self.writer), *sizes_line(free_sizes(self.problem, self.program), self.writer))
            return [first, *training_data(self.problem, self.program, self.writer, rows=True), rate]
        given = [g for g in (self.chain.input, self.chain.target) if g is not None]
        turned = ".T  # nn.Linear takes samples in rows"
        columns = [g for g in given if self.chain.in_columns and g.rank == 2]
        lines = [f"{self.names[g.name]} = {self.names[g.name]}{turned}" for g in columns]
        packed = ", ".join(self.names[g.name] for g in given)
        double = Line(("torch.set_default_dtype(torch.float64)",), "as exact as NumPy")
        parts = given_parts(
            self.problem, self.program, self.writer, ("parameter", "constant", "input", "target"), False
        )
        symbols = bound_symbols(self.problem, self.program, self.writer)
        training = plain(*lines, f"training_data = [{packed if len(given) == 1 else f'({packed})'}]")
        return [(double,), *parts, *([symbols] if symbols else []), training, rate]

    def model(self) -> Part:
        """`class Network(nn.Module)`"""
        lines: list[Line] = [
            *plain("class Network(nn.Module):", "    def __init__(self):", "        super().__init__()")
        ]
        lines += [self.linear_line(layer) for layer in self.chain.affine]
        lines += plain("", f"    def forward(self, {self.names[self.chain.input.name]}):")
        for step in self.inner[:-1]:
            lines += indented(assignment(self.names[step.name], self.applied(step), step.name, "", IN_METHOD), 2)
        last = self.inner[-1] if self.inner else None
        text = self.applied(last) if last else self.names[self.chain.input.name]
        lines += indented(statement("return ", text, self.result.name, "", IN_METHOD), 2)
        return tuple(lines)

    def linear_line(self, layer: Affine) -> Line:
        """`self.linear1 = nn.Linear(784, H)`"""
        shape = layer.weight.shape if layer.out_in else layer.weight.shape[::-1]
        outputs, wide = shape
        inputs = wide if layer.augment is None else layer.input.shape[0 if layer.weight_first else -1]
        sizes = f"{self.writer.count(inputs)}, {self.writer.count(outputs)}"
        bias = "" if self.has_bias(layer) else ", bias=False"
        name = self.linear[layer.step.name]
        return Line((f"        self.{name} = nn.Linear(", Gap(sizes, f"size:{layer.weight.name}"), f"{bias})"))

    def has_bias(self, layer: Affine) -> bool:
        return layer.bias is not None or layer.augment is not None

    def applied(self, step: Step) -> str:
        """A step of the forward pass: a linear layer applied, or its expression."""
        layer = self.layers.get(step.name)
        if layer is None:
            return self.writer.text(step.formula)
        return f"self.{self.linear[step.name]}({self.names[layer.input.name]})"

    def instance(self) -> Part:
        """The model, with the given numbers in it."""
        lines: list[Line] = list(plain("model = Network()"))
        if is_numeric(self.problem):
            lines.append(Line(("with torch.no_grad():",), "start from the given numbers"))
            for layer in self.chain.affine:
                lines += plain(*(f"    {line}" for line in self.loaded(layer)))
        frozen = self.problem.conventions.frozen
        for layer in self.chain.affine:
            for tensor, part in ((layer.weight, "weight"), (layer.bias, "bias")):
                if tensor is not None and tensor.name in frozen:
                    lines += plain(f"model.{self.linear[layer.step.name]}.{part}.requires_grad_(False)")
        return tuple(lines)

    def loaded(self, layer: Affine) -> list[str]:
        """The lines that copy weights and bias of a layer, turned to the layout of nn.Linear."""
        name, model = self.names[layer.weight.name], f"model.{self.linear[layer.step.name]}"
        weight, bias = name, ""
        if layer.augment is not None:
            rest, own = (":-1", "-1") if layer.augment.last else ("1:", "0")
            weight = f"{name}[:, {rest}]" if layer.out_in else f"{name}[{rest}]"
            bias = f"{name}[:, {own}]" if layer.out_in else f"{name}[{own}]"
        if layer.bias is not None:
            bias = f"{self.names[layer.bias.name]}{'.reshape(-1)' if layer.bias.rank == 2 else ''}"
        lines = [f"{model}.weight.copy_({weight}{'' if layer.out_in else '.T'})"]
        return [*lines, f"{model}.bias.copy_({bias})"] if bias else lines

    # -------------------------------------------------------------------------------------------- loss and loop

    @property
    def target(self) -> str:
        return self.names[self.chain.target.name] if self.chain.target is not None else ""

    def loss_function(self) -> list[Part]:
        """A class of torch.nn where there is one, otherwise a function; and the optimiser."""
        rate = self.names[self.problem.update.symbol] if self.problem.update else ""
        optimizer = Line(("optimizer = ", Gap(f"torch.optim.SGD(model.parameters(), lr={rate})", "optimizer")))
        if self.call and self.call.function in CLASSES:
            made = f"nn.{CLASSES[self.call.function]}({', '.join(self.call.loss.keywords)})"
            return [(Line(("loss_function = ", Gap(made, "loss"))), optimizer)]
        arguments = [PREDICTION, *([self.target] if self.target else [])]
        lines = list(plain(f"def loss_function({', '.join(arguments)}):"))
        lines += indented(self.written_loss())
        return [tuple(lines), (optimizer,)]

    def written_loss(self) -> Part:
        """The loss as an expression of the prediction and the target."""
        if self.call:
            return statement("return ", self.call.text(self.writer, PREDICTION, self.target), "loss", indent=4)
        names = {**self.names, self.result.name: PREDICTION}
        writer = Writer(TORCH, names, self.writer.safe_logs, self.writer.helpers, self.writer.symbols)
        lines: list[Line] = []
        for step in self.outer[:-1]:
            lines += assignment(names[step.name], writer.text(step.formula), step.name, "", 4)
        lines += statement("return ", writer.text(self.outer[-1].formula), "loss", indent=4)
        return tuple(lines)

    def loop(self) -> Part:
        """The five steps, once for each mini-batch; what each does is left out too, or it would tell their order."""
        x, t = self.names[self.chain.input.name], self.target
        called = bool(self.call) and self.call.function in CLASSES if self.call else False
        factor = self.call.loss.factor if self.call and called else ""
        loss = f"{factor}loss_function({PREDICTION}{f', {self.second()}' if t else ''})"
        lines = list(plain(f"for epoch in range({EPOCHS}):", f"    for {f'{x}, {t}' if t else x} in training_data:"))
        for number, step in enumerate(training_iteration(x, PREDICTION, loss), 1):
            lines.append(Line((f"        # {number}. ", Gap(step.comment, f"comment:{step.key}"))))
            lines.append(Line(("        ", Gap(step.code, f"iteration:{step.key}"))))
        return (*lines, *plain('    print(f"epoch {epoch + 1}: loss {loss.item():.4f}")'))

    def second(self) -> str:
        """The target, in the shape of the prediction where one number stands for all."""
        if self.call is None or self.chain.target is None or self.chain.in_columns:
            return self.target
        return self.call.second(self.writer)
