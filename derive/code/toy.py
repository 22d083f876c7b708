"""Training data for a problem without numbers, made by the program itself: noisy sines, or classes that can be told."""

from __future__ import annotations

from dataclasses import dataclass

from derive.code.expressions import Writer
from derive.code.folding import assignment
from derive.code.model import Line, Part, plain
from derive.code.pieces import class_indices, refuse
from derive.ops import LOSSES, Fn, Node, Shape, Softmax
from derive.program import Program
from derive.spec import Given, Problem

BATCHES, SINGLE_SAMPLES = 10, 100


@dataclass(frozen=True)
class Random:
    """Random numbers and reductions in a language."""

    start: str
    normal: str
    module: str
    axis: str
    keep: str


RANDOM = {
    "numpy": Random("rng = np.random.default_rng(0)", "rng.normal(size={0})", "np", "axis", "keepdims"),
    "pytorch": Random("torch.manual_seed(0)", "torch.randn({0})", "torch", "dim", "keepdim"),
}


def seed_line(writer: Writer) -> Part:
    """The line that makes every run the same."""
    return plain(RANDOM[writer.language.name].start)


def normal(writer: Writer, shape: Shape) -> str:
    """Normally distributed numbers of a shape."""
    return RANDOM[writer.language.name].normal.format(writer.shape(shape))


def around_sizes(writer: Writer) -> tuple[str, str]:
    """What stands before and behind the sizes in `rng.normal(size=(784, H))`."""
    before, _, behind = RANDOM[writer.language.name].normal.partition("{0}")
    return f"{before}(", f"){behind}"


def training_data(problem: Problem, program: Program, writer: Writer, rows: bool = False) -> list[Part]:
    """`training_data` for a problem without numbers: a list of mini-batches (or of samples).

    With `rows` samples stand in rows, whatever the problem says. What is to be learnt can be learnt where there is one
    input and one target; otherwise all is random.
    """
    inputs = [given for given in problem.givens if given.role in ("input", "target")]
    if not inputs:
        raise refuse(problem, "a problem without inputs", "an input to train on")
    toy = _Toy(problem, program, writer, rows)
    count = SINGLE_SAMPLES if toy.single else BATCHES
    body = [line for given in inputs for line in assignment(writer.names[given.name], toy.value(given), indent=4)]
    names = ", ".join(writer.names[given.name] for given in inputs)
    kind = "samples" if toy.single else "mini-batches"
    lines: list[Line] = [Line((f"# {kind} to train on",))]
    if toy.uses_truth:
        lines += plain(f"truth = {normal(writer, toy.truth)}")
    lines += plain("training_data = []", f"for _ in range({count}):")
    lines += [line.indented() for line in body]
    packed = names if len(inputs) == 1 else f"({names})"
    lines += plain(f"    training_data.append({packed})")
    return [tuple(lines)]


class _Toy:
    """The lines that make one mini-batch of inputs `x` and targets `t` for a loss."""

    def __init__(self, problem: Problem, program: Program, writer: Writer, rows: bool) -> None:
        self.program, self.writer = program, writer
        self.random = RANDOM[writer.language.name]
        self.by_role = {role: [g for g in problem.givens if g.role == role] for role in ("input", "target")}
        self.indices = class_indices(program)
        self.pair = len(self.by_role["input"]) == len(self.by_role["target"]) == 1
        shapes = {name: program.tensor(name).shape for name in (g.name for g in problem.givens)}
        columns = problem.mlp is not None and problem.mlp.samples == "columns"
        self.shapes = {n: s[::-1] if rows and columns and len(s) == 2 else s for n, s in shapes.items()}
        self.columns = columns and not rows
        self.loss = loss_name(problem)
        if self.pair:
            self.x, self.t = (self.by_role[role][0].name for role in ("input", "target"))
            self.pair = self._fits()
        self.single = all(len(self.shapes[g.name]) < 2 for g in self.by_role["input"])

    def _fits(self) -> bool:
        """Whether there is one sample of each for each sample of the other."""
        x, t = self.shapes[self.x], self.shapes[self.t]
        if self.t in self.indices:
            return len(x) == len(t) + 1
        return len(x) == len(t) in (1, 2) and (len(x) == 1 or x[int(self.columns)] == t[int(self.columns)])

    @property
    def uses_truth(self) -> bool:
        """Whether classes are told apart by a random matrix."""
        return self.pair and self.kind != "numbers"

    @property
    def kind(self) -> str:
        """What targets are: numbers, indices, classes (one-hot), 0 or 1 (`binary`), -1 or 1 (`signs`)."""
        if any(given.name in self.indices for given in self.by_role["target"]):
            return "indices"
        loss = LOSSES.get(self.loss)
        if loss is None or (loss.of == "prediction" and loss.name != "hinge"):
            return self.kind_of_prediction
        if loss.name == "hinge":
            return "signs"
        return "classes" if loss.classes else "binary"

    @property
    def kind_of_prediction(self) -> str:
        """What a loss of numbers, such as a squared error, is given: probabilities are compared with classes."""
        targets = {given.name for given in self.by_role["target"]}
        for step in self.program.forward:
            if targets & {tensor.name for tensor in step.uses}:
                formulas = [self.program[t.name].formula for t in step.uses if t.name not in self.program.quantities]
                return next((kind for formula in formulas if (kind := self.kind_of_probabilities(formula))), "numbers")
        return "numbers"

    def kind_of_probabilities(self, formula: Node) -> str:
        """Classes behind a softmax along the axis on which one-hot vectors lie here, 0 or 1 behind a sigmoid."""
        if isinstance(formula, Softmax) and formula.axis == (-2 if self.columns and formula.rank == 2 else -1):
            return "classes"
        return "binary" if isinstance(formula, Fn) and formula.row.name == "sigmoid" else ""

    @property
    def truth(self) -> Shape:
        """The matrix that makes scores of inputs."""
        x = self.shapes[self.x]
        inputs = x[0] if self.columns else x[-1]
        return (self.outputs, inputs) if self.columns else (inputs, self.outputs)

    @property
    def outputs(self) -> object:
        if self.t in self.indices:
            [step] = [s for s in self.program.steps if s.rule == "one_hot"][:1]
            return step.formula.args[1]
        t = self.shapes[self.t]
        return t[0] if self.columns else t[-1]

    def value(self, given: Given) -> str:
        if given.role == "input" or not self.pair:
            return self.unrelated(given)
        return self.related()

    def unrelated(self, given: Given) -> str:
        """Random numbers of the right kind."""
        scores = normal(self.writer, self.shapes[given.name])
        if given.role == "input" or self.kind == "numbers":
            return scores
        if self.kind == "indices" or given.name in self.indices:
            zero = f"0 * {scores}" if self.shapes[given.name] else "0"
            return f"({zero}){'.astype(int)' if self.random.module == 'np' else '.long()'}" if zero != "0" else zero
        return self.from_scores(scores)

    def related(self) -> str:
        """Targets that depend on the input, so that there is something to learn."""
        x, t, random = self.writer.names[self.x], self.shapes[self.t], self.random
        if self.kind == "numbers":
            return f"{random.module}.sin({self.signal(x)}) + 0.1 * {normal(self.writer, t)}"
        return self.from_scores(f"truth @ {x}" if self.columns else f"{x} @ truth")

    def signal(self, x: str) -> str:
        """One number for each sample, about as large as one of its inputs: what the sine is taken of."""
        shape, random = self.shapes[self.x], self.random
        width = shape[0] if self.columns else shape[-1]
        if width == 1:
            return x
        axis = f"{random.axis}={int(not self.columns)}, {random.keep}=True" if len(shape) == 2 else ""
        return f"{x}.sum({axis}) / {self.writer.count(width)}**0.5"

    def from_scores(self, scores: str) -> str:
        random, axis = self.random, 0 if self.columns else -1
        if self.kind == "signs":
            return f"{random.module}.sign({scores})"
        if self.kind == "binary":
            return f"1.0 * ({scores} > 0)"
        best = f"({scores}).argmax({random.axis}={axis})"
        if self.kind == "indices":
            return best
        index = f":, {best}" if self.columns else best
        return f"{random.module}.eye({self.writer.count(self.outputs)})[{index}]"


def loss_name(problem: Problem) -> str:
    """The loss that the last equation calls by name; empty where it is written out."""
    from derive.code.losses import named_loss

    call = named_loss(problem)
    return call.name if call else ""
