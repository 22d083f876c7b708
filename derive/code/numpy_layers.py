"""A network of layers in NumPy: a class for each kind, each with `forward` and `backward`, and one that chains them.

What a layer does and what its gradients are is read off the program and its slopes; nothing is typed here again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from derive.calculus.local import is_elementwise_in, slope, with_result
from derive.calculus.walk import pull_back
from derive.code.chain import Activation, Affine, Chain, read_chain
from derive.code.expressions import Writer
from derive.code.folding import assignment, statement
from derive.code.losses import named_loss
from derive.code.model import Gap, Line, Part, Source, plain
from derive.code.names import program_names
from derive.code.numpy_language import NUMPY
from derive.code.numpy_step import GIVEN, random_parts
from derive.code.pieces import (
    EPOCHS,
    bound_symbols,
    definitions,
    given_parts,
    imports,
    indented,
    is_numeric,
    needs_safe_logs,
    rate_line,
    refuse,
    require_old_weights,
    require_training,
    title_of,
)
from derive.code.toy import training_data
from derive.evaluate import Values
from derive.ops import Fn, Tensor, times, walk
from derive.program import Program, Step
from derive.spec import Problem

INSIDE = 8  # columns in front of the body of a method
GRADIENT = "dL_dout"
_CAPITALS = {word.lower(): word for word in ("ReLU", "ELU", "SiLU", "GELU", "MSE", "MAE", "BCE")}
_LOCALS = ("x", "z", "W", "b", "grad", GRADIENT)


@dataclass
class Kind:
    """A class of layers: its name and the text of its methods."""

    name: str
    part: Part


@dataclass
class Classes:
    """The classes written so far, equal ones once; names that are taken get a number."""

    taken: set[str]
    kinds: dict[Part, Kind] = field(default_factory=dict)

    def add(self, name: str, body: Part) -> str:
        """The name of the class with this body."""
        if body not in self.kinds:
            numbered = (f"{name}{n if n > 1 else ''}" for n in itertools.count(1))
            chosen = next(free for free in numbered if free not in self.taken)
            self.taken.add(chosen)
            self.kinds[body] = Kind(chosen, (*plain(f"class {chosen}:"), *indented(body)))
        return self.kinds[body].name


def numpy_layers(problem: Problem, program: Program, values: Values | None = None) -> Source:
    """Classes of layers, activations and the loss, the network, and the loop that trains it."""
    loss = require_training(problem, program)
    require_old_weights(problem)
    if problem.conventions.frozen:
        raise refuse(problem, "frozen parameters", "parameters that are all updated", "the style `loop` writes them")
    chain = read_chain(problem, program)
    constants = [q.name for q in program.givens if q.role == "constant" and q.name in _LOCALS]
    names = program_names(program, {name: f"{name}_" for name in constants}, frozenset({"loss"}))
    writer = Writer(NUMPY, names, needs_safe_logs(program, values))
    classes = Classes(set(names.values()))
    made = [_layer(layer, writer, classes) for layer in chain.layers]
    made_loss = _loss(problem, chain, writer, classes)
    linear = [kind.name for kind in classes.kinds.values() if kind.name.startswith("Linear")]
    network = _network(linear)
    shown = f"loss{'' if not loss.target.rank else '.item()'}"
    parts = [
        *definitions(writer),
        *(kind.part for kind in classes.kinds.values()),
        network,
        *_data(problem, program, writer),
        _built(made, made_loss),
        _training(problem, chain, writer, shown),
    ]
    parts = [part for part in parts if part]
    return Source("numpy", title_of(problem), (imports(parts, ["import numpy as np"]), *parts))


def _renamed(writer: Writer, names: dict[str, str]) -> Writer:
    """The same writer with other names for some quantities; helpers and symbols are noted in one place."""
    return Writer(writer.language, {**writer.names, **names}, writer.safe_logs, writer.helpers, writer.symbols)


# ------------------------------------------------------------------------------------------------ layers


def _layer(layer: Affine | Activation, writer: Writer, classes: Classes) -> str:
    """The call that makes a layer: `Linear(W1, b1)`, `Tanh()`."""
    if isinstance(layer, Activation):
        return f"{classes.add(_class_name(layer.step), _activation(layer, writer))}()"
    arguments = [tensor for tensor in (layer.weight, layer.bias) if tensor is not None]
    return f"{classes.add('Linear', _linear(layer, writer))}({', '.join(writer.names[t.name] for t in arguments)})"


def _class_name(step: Step) -> str:
    """`tanh` as Tanh, `leaky_relu` as LeakyReLU, a multiple of relu as ScaledReLU."""
    functions = [node.row.name for node in walk(step.formula) if isinstance(node, Fn) and node.row.activation]
    if isinstance(step.formula, Fn):
        return camel(step.formula.row.name)
    if not functions:
        return camel(step.rule) if step.rule in ("softmax", "log_softmax") else "Activation"
    return f"{'Scaled' if step.rule == 'scaled_function' else 'Of'}{camel(functions[0])}"


def camel(name: str) -> str:
    """`leaky_relu` as LeakyReLU, `mse` as MSE."""
    return "".join(_capital(part) for part in name.split("_"))


def _capital(word: str) -> str:
    return _CAPITALS.get(word, word.capitalize())


def _linear(layer: Affine, writer: Writer) -> Part:
    """W x + b with the gradients dW, db and that of its input."""
    formula, tensors = layer.generic()
    gradient = Tensor("gradient", formula.shape)
    pulled = pull_back(formula, gradient, frozenset(tensors.values()))
    learnt: list[str] = [name for name in ("W", "b") if name in tensors]
    own: dict[str, str] = {name: f"self.{name}" for name in learnt}
    forward = _renamed(writer, {"x": "x", **own})
    backward = _renamed(writer, {"x": "self.x", "gradient": GRADIENT, **own})
    return (
        *plain(f"def __init__(self, {', '.join(learnt)}):"),
        *plain(f"    {', '.join(own.values())} = {', '.join(learnt)}", ""),
        *plain("def forward(self, x):", "    self.x = x  # kept for the backward pass"),
        *indented(statement("return ", forward.text(formula), "Linear.forward", indent=INSIDE)),
        *plain("", f"def backward(self, {GRADIENT}):"),
        *(
            line
            for name in learnt
            for line in indented(
                assignment(f"self.d{name}", backward.text(pulled[tensors[name]]), f"Linear.d{name}", "", INSIDE)
            )
        ),
        *indented(statement("return ", backward.text(pulled[tensors["x"]]), "Linear.backward", indent=INSIDE)),
        *plain("", "def step(self, eta):"),
        *(Line((f"    self.{name} -= ", Gap(f"eta * self.d{name}", "Linear.step"))) for name in learnt),
    )


def _activation(layer: Activation, writer: Writer) -> Part:
    """z = f(a), and dL/da = dL/dz ⊙ f'(a), or the product with the Jacobian where f is not elementwise."""
    step, a, name = layer.step, layer.input, _class_name(layer.step)
    gradient = Tensor("gradient", step.target.shape)
    if is_elementwise_in(step.formula, a):
        pulled = times(gradient, slope(step, a))
    else:
        pulled = with_result(step, pull_back(step.formula, gradient, frozenset({a}))[a])
    keeps_input, keeps_result = (tensor in pulled.tensors for tensor in (a, step.target))
    forward = _renamed(writer, {a.name: "x"})
    backward = _renamed(writer, {a.name: "self.x", step.name: "self.z", "gradient": GRADIENT})
    lines = [*plain("def forward(self, x):")]
    if keeps_input:
        lines += plain("    self.x = x")
    if keeps_result:
        lines += indented(assignment("self.z", forward.text(step.formula), f"{name}.forward", indent=INSIDE))
        lines += plain("    return self.z")
    else:
        lines += indented(statement("return ", forward.text(step.formula), f"{name}.forward", indent=INSIDE))
    lines += plain("", f"def backward(self, {GRADIENT}):")
    return (*lines, *indented(statement("return ", backward.text(pulled), f"{name}.backward", indent=INSIDE)))


# ------------------------------------------------------------------------------------------------ the loss


def _loss(problem: Problem, chain: Chain, writer: Writer, classes: Classes) -> str:
    """The call that makes the loss, a class with all steps from the last result on."""
    functions = [camel(step.rule) for step in chain.loss if step.rule in ("softmax", "log_softmax")]
    functions += [camel(step.formula.row.name) for step in chain.loss if isinstance(step.formula, Fn)]
    call = named_loss(problem)
    ending = camel(call.name.removesuffix("_logits")) if call else "Loss"
    return f"{classes.add(''.join(functions) + ending, _loss_body(problem, chain, writer))}()"


def _loss_body(problem: Problem, chain: Chain, writer: Writer) -> Part:
    """forward gives the loss of a prediction, backward its gradient."""
    arguments = [tensor for tensor in (chain.last, chain.target) if tensor is not None]
    counted = _sample_symbol(problem, chain)
    used = chain.gradient.tensors
    computed = {step.name: f"self.{writer.names[step.name]}" for step in chain.loss if step.target in used}
    kept = [tensor for tensor in arguments if tensor in used]
    count = {counted: f"self.{writer.names[counted]}"} if counted else {}
    forward = _renamed(writer, {**computed, **count})
    backward = _renamed(forward, {tensor.name: f"self.{writer.names[tensor.name]}" for tensor in kept})
    outer = set(writer.symbols)
    body = [_loss_step(step, forward) for step in chain.loss]
    gradient = indented(statement("return ", backward.text(chain.gradient), f"dL/d{chain.last.name}", indent=INSIDE))
    shown = ", ".join(writer.names[tensor.name] for tensor in arguments)
    lines = [*plain(f"def forward(self, {shown}):")]
    if counted in writer.symbols:
        axis = int(chain.in_columns)
        lines += plain(f"    {forward.names[counted]} = {writer.names[chain.last.name]}.shape[{axis}]")
        if counted not in outer:
            writer.symbols.discard(counted)
    if kept:
        left = ", ".join(f"self.{writer.names[tensor.name]}" for tensor in kept)
        lines += plain(f"    {left} = {', '.join(writer.names[tensor.name] for tensor in kept)}")
    lines += [line for part in body for line in part]
    lines += plain(f"    return {forward.names[chain.loss[-1].name]}", "", "def backward(self):")
    return (*lines, *gradient)


def _loss_step(step: Step, writer: Writer) -> Part:
    text = writer.text(step.formula)
    return indented(assignment(writer.names[step.name], text, step.name, indent=INSIDE))


def _sample_symbol(problem: Problem, chain: Chain) -> str:
    """The symbol of the number of samples; empty where it has none."""
    shape = problem.given(chain.input.name).shape
    symbol = shape[int(chain.in_columns)] if len(shape) == 2 else ""
    return symbol if isinstance(symbol, str) else ""


# ------------------------------------------------------------------------------------------------ the network


def _network(linear: Iterable[str]) -> Part:
    """The layers one after the other, and back."""
    kinds = list(linear)
    tested = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
    return (
        *plain(
            "class Network:", "    def __init__(self, layers, loss):", "        self.layers, self.loss = layers, loss"
        ),
        *plain("", "    def forward(self, x, *target):", "        for layer in self.layers:"),
        Line(("            x = ", Gap("layer.forward(x)", "Network.forward"))),
        *plain("        return self.loss.forward(x, *target)"),
        *plain("", "    def backward(self):", "        grad = self.loss.backward()"),
        *plain("        for layer in reversed(self.layers):"),
        Line(("            grad = ", Gap("layer.backward(grad)", "Network.backward"))),
        *plain("", "    def step(self, eta):", "        for layer in self.layers:"),
        *plain(f"            if isinstance(layer, {tested}):", "                layer.step(eta)"),
    )


def _data(problem: Problem, program: Program, writer: Writer) -> list[Part]:
    """The given numbers, or random ones, with `training_data`."""
    if not is_numeric(problem):
        return [*random_parts(problem, program, writer), *training_data(problem, program, writer)]
    inputs = [writer.names[given.name] for given in problem.givens if given.role in ("input", "target")]
    packed = inputs[0] if len(inputs) == 1 else f"({', '.join(inputs)})"
    parts = given_parts(problem, program, writer, GIVEN)
    return [
        *parts,
        rate_line(problem, writer.names),
        bound_symbols(problem, program, writer),
        plain(f"training_data = [{packed}]"),
    ]


def _built(layers: list[str], loss: str) -> Part:
    lines = "".join(f"        {layer},\n" for layer in layers)
    return plain("network = Network(", "    [", *lines.splitlines(), "    ],", f"    {loss},", ")")


def _training(problem: Problem, chain: Chain, writer: Writer, shown: str) -> Part:
    given = [tensor for tensor in (chain.input, chain.target) if tensor is not None]
    names = ", ".join(writer.names[tensor.name] for tensor in given)
    rate = writer.names[problem.update.symbol] if problem.update else ""
    return plain(
        f"for epoch in range({EPOCHS}):",
        f"    for {names} in training_data:",
        f"        loss = network.forward({names})",
        "        network.backward()",
        f"        network.step({rate})",
        f'    print(f"epoch {{epoch + 1}}: loss {{{shown}:.4f}}")',
    )
