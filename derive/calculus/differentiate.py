"""Reverse mode over a program: the gradient of the loss with respect to every quantity that matters, step by step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from derive.calculus.fusion import Fused, fuse, fuse_logits
from derive.calculus.local import is_elementwise_in, local_jacobian, slope, with_result
from derive.calculus.recognise import recognised_slope
from derive.calculus.walk import full, pull_back
from derive.ops import Constant, Dot, Node, Tensor, as_node, dot, is_single, is_zero, plus, times, walk
from derive.program import Program, Role, Step


def gradient_name(loss: str, quantity: str) -> str:
    """`dL/dW_1`"""
    return f"d{loss}/d{quantity}"


@dataclass(frozen=True)
class Style:
    """How a derivation is laid out.

    `fused` allows gradients that cancel to be written in one step (p - t); a quantity in `shown` keeps its own
    gradient all the same. `numerator` writes gradients of vectors as rows that are multiplied by Jacobians.
    `updates` gives the step that updates a parameter, for courses in which later gradients pass through the new
    weights.
    """

    fused: bool = True
    shown: frozenset[str] = frozenset()
    numerator: bool = False
    updates: Callable[[Tensor], Step | None] | None = None


def differentiate(program: Program, wanted: Iterable[str], style: Style | None = None) -> Program:
    """The program with a step for dL/dq appended for each wanted q and each quantity between it and the loss."""
    loss = program.loss
    if loss is None:
        raise ValueError("no step of the program is a scalar to differentiate")
    return _ReverseMode(program, loss, frozenset(wanted), style or Style()).run()


def direct_share(loss: Step, tensor: Tensor, *, fused: bool) -> Fused:
    """The derivative of the loss's own formula by a quantity that it reads, all others held fixed."""
    found = fuse_logits(loss, tensor) if fused else None
    if found is not None:
        return found
    recognised = recognised_slope(loss, tensor)
    if recognised is not None:
        return Fused(recognised, in_one_step=False)
    pulled = pull_back(loss.formula, Constant(1), frozenset({tensor}))[tensor]
    return Fused(with_result(loss, pulled), in_one_step=False)


class _ReverseMode:
    """The state of one reverse pass: contributions to each gradient, and the steps so far."""

    def __init__(self, program: Program, loss: Step, wanted: frozenset[str], style: Style) -> None:
        self.program, self.loss, self.wanted, self.style = program, loss, wanted, style
        self.forward = program.leading_to(loss.name)
        self.active = _influenced(self.forward, wanted)
        self.waiting = Counter(name for step in self.forward for name in _names(step))
        self.defined = frozenset(step.name for step in self.forward)
        self.parameters = frozenset(q.name for q in program.givens if q.role == "parameter")
        self.contributions: defaultdict[str, list[Node]] = defaultdict(list)
        self.through: defaultdict[str, list[str]] = defaultdict(list)
        self.rules: dict[str, tuple[str, str, tuple[str, ...]]] = {}
        self.steps: list[Step] = []

    def run(self) -> Program:
        for step in reversed(self.forward):
            if step is self.loss:
                self.spread(step, Constant(1))
            elif step.name in self.active and not self.spread_fused(step):
                self.emit(step.target)
                self.spread(step, Tensor(gradient_name(self.loss.name, step.name), step.target.shape))
            self.settle(step)
        program = self.program.extended(*self.steps)
        derivatives = [step for step in self.steps if step.role is not Role.UPDATE]
        rows = {step.name for step in derivatives if self.style.numerator and step.target.rank == 1}
        return replace(program, rows=program.rows | rows)

    def spread(self, step: Step, gradient: Node) -> None:
        """Add what `step` contributes to the gradients of the quantities it uses."""
        active = [tensor for tensor in step.uses if tensor.name in self.active]
        pulled = pull_back(step.formula, gradient, frozenset(active))
        for tensor in active:
            if step is self.loss:
                share = direct_share(step, tensor, fused=self.style.fused)
                rule = "fused" if share.in_one_step else _rule(step, tensor)
                self.add(tensor, share.gradient, step, rule, step.subject, share.assumptions)
                continue
            rule = _rule(step, tensor)
            local = self.local_derivative(step, tensor)
            if local is not None:
                term, rule = self.through_local(gradient, local), "slope"
            elif self.is_chained(step, tensor):
                matrix = local_jacobian(step, tensor)
                term = Constant(0) if is_zero(matrix) else dot(gradient, matrix)
            else:
                term = with_result(step, pulled[tensor])
            self.add(tensor, term, step, rule, step.subject)

    def is_chained(self, step: Step, tensor: Tensor) -> bool:
        """Whether numerator layout writes dL/ds · ds/dq with the Jacobian as a matrix."""
        return self.style.numerator and step.target.rank == tensor.rank == 1

    def through_local(self, gradient: Node, local: Tensor) -> Node:
        """dL/dz ⊙ dz/da, or dL/dz · dz/da where the local derivative is a matrix."""
        return dot(gradient, local) if local.rank == 2 and gradient.rank == 1 else times(gradient, local)

    def local_derivative(self, step: Step, tensor: Tensor) -> Tensor | None:
        """dz/da of an elementwise step as a step of its own; None where it is just a quantity."""
        if not is_elementwise_in(step.formula, tensor):
            return None
        local = slope(step, tensor)
        if not local.operands:
            return None
        local = local_jacobian(step, tensor) if self.is_chained(step, tensor) else full(local, tensor)
        target = Tensor(f"d{step.name}/d{self.program.lower_of(step.name, tensor.name)}", local.shape)
        self.steps.append(Step(target, local, Role.LOCAL, "local", step.subject, (step.name, tensor.name)))
        return target

    def with_new_weights(self, term: Node, tensor: Tensor) -> Node:
        """The gradient of a layer or an input through the parameters already updated, where the course does so."""
        if self.style.updates is None or tensor.name in self.parameters:
            return term
        defined = {step.name: step.target for step in self.steps if step.role is Role.UPDATE}
        return as_node(term.xreplace({t: defined[f"{t.name}'"] for t in term.tensors if f"{t.name}'" in defined}))

    def spread_fused(self, step: Step) -> bool:
        """Pass through a softmax or sigmoid in one step where the loss's own gradient makes that shorter."""
        consumers = self.through[step.name]
        straight = len(consumers) == 1 and is_single(self.program[consumers[0]].target.shape)
        if not self.style.fused or not straight or step.name in self.wanted | self.style.shown:
            return False
        gradient = plus(*self.contributions[step.name])
        result = fuse(step, gradient, frozenset(self._targets()))
        if result is None:
            return False
        [tensor] = [tensor for tensor in step.uses if tensor.name in self.active]
        self.add(tensor, result.gradient, step, "fused", step.subject, result.assumptions)
        return True

    def add(
        self, tensor: Tensor, term: Node, step: Step, rule: str, subject: str, assumptions: tuple[str, ...] = ()
    ) -> None:
        self.contributions[tensor.name].append(term)
        self.through[tensor.name].append(step.name)
        self.rules[tensor.name] = (rule, subject, assumptions)

    def settle(self, step: Step) -> None:
        """Write down the gradients of given quantities that no earlier step uses."""
        for name in _names(step) & self.active:
            self.waiting[name] -= 1
        for tensor in sorted(step.uses, key=lambda tensor: tensor.name not in self.parameters):
            given = tensor.name in self.active and tensor.name not in self.defined
            if given and self.waiting[tensor.name] == 0:
                self.emit(tensor)

    def emit(self, tensor: Tensor) -> None:
        """Append the step dL/dq = the sum of its contributions."""
        terms, through = self.contributions[tensor.name], tuple(self.through[tensor.name])
        rule, subject, assumptions = self.rules[tensor.name]
        formula = self.with_new_weights(full(plus(*terms), tensor), tensor)
        target = Tensor(gradient_name(self.loss.name, tensor.name), tensor.shape)
        rule = rule if len(terms) == 1 else "paths"
        gradient = (self.loss.name, tensor.name)
        self.steps.append(Step(target, formula, Role.BACKWARD, rule, subject, gradient, through, assumptions))
        update = self.style.updates(tensor) if self.style.updates else None
        if update is not None:
            self.steps.append(update)

    def _targets(self) -> Iterable[str]:
        return (quantity.name for quantity in self.program.givens if quantity.role == "target")


def _influenced(forward: tuple[Step, ...], wanted: frozenset[str]) -> frozenset[str]:
    """The quantities that lie between a wanted one (itself included) and the loss."""
    used = {name for step in forward for name in _names(step)}
    influenced = set(wanted & used)
    for step in forward:
        if influenced & _names(step):
            influenced.add(step.name)
    return frozenset(influenced)


def _names(step: Step) -> set[str]:
    return {tensor.name for tensor in step.uses}


def _rule(step: Step, tensor: Tensor) -> str:
    """What the rule of a gradient through a product, sum or other step is called."""
    if step.rule == "function":  # the slope has no step of its own where it is the result itself, as of exp
        return "slope"
    if step.role is Role.LOSS or step.rule not in ("affine", "linear"):
        return step.rule
    if any(isinstance(part, Dot) and tensor in part.tensors for part in walk(step.formula)):
        return "factor"
    return "bias"
