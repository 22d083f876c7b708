"""Faults to plant in right files: what is replaced by what, what that makes the reader say, and which go together."""

from __future__ import annotations

from typing import NamedTuple


class Plant(NamedTuple):
    """A fault: what of a right file is replaced by what, and the place and the text of the fault that this makes."""

    old: str
    new: str
    path: str
    found: str


SHORT = """\
title: A network
architecture: [2, 3, 1]
activations: [tanh, identity]
loss: mse
parameters:
  W_1: [[1, 2], [3, 4], [5, 6]]
  b_1: [1, 2, 3]
  W_2: [[1, 2, 3]]
  b_2: [1]
input: {x: [1, 2]}
target: {t: [1]}
update: {sgd: {learning_rate: 0.5}}
ask:
  y: 2
  dL/dW_1: 1
conventions: {weights: out_in}
notation: {x: u}
rounding: {places: 3}
points: 5
detail: matrix
"""
IN_SHORT = [
    Plant("title: A network", "title: [A]", "title", "a list"),
    Plant("title: A network", "titel: A network", "titel", "the unknown key `titel`"),
    Plant("title: A network", "title: A: network", "", "this is not YAML: mapping values are not allowed"),
    Plant("[2, 3, 1]", "[2, -3, 1]", "architecture[1]", "`-3`"),
    Plant("[tanh, identity]", "[tahn, identity]", "activations[0]", "the unknown activation `tahn`"),
    Plant("[tanh, identity]", "[tanh]", "activations", "1 activations for 2 layers"),
    Plant("[tanh, identity]", "[{elu: {beta: 1}}, identity]", "activations[0].elu.beta", "the unknown option `beta`"),
    Plant("[tanh, identity]", "tanh", "activations", "`tanh`"),
    Plant("activations:", "activation:", "activation", "the unknown key `activation`"),
    Plant("loss: mse", "loss: mes", "loss", "the unknown loss `mes`"),
    Plant("loss: mse", "loss: [mse]", "loss", "a list"),
    Plant("loss: mse", "loss: {mse: {factor: sum}}", "loss.mse.factor", "`sum`"),
    Plant("[[1, 2], [3, 4], [5, 6]]", "[[1, 2], [3], [5, 6]]", "parameters.W_1[1]", "row 2 has 1 entries"),
    Plant("[[1, 2], [3, 4], [5, 6]]", "[[1, 2], [3, nan], [5, 6]]", "parameters.W_1[1][1]", "`nan`"),
    Plant("[1, 2, 3]\n", "[1, 2, '3']\n", "parameters.b_1[2]", 'a number in quotes: "3"'),
    Plant("[1, 2, 3]\n", "{a: 1}\n", "parameters.b_1", "a mapping"),
    Plant("W_2: [[1, 2, 3]]", "W_2: [[1, 2]]", "parameters.W_2", "`W_2` of shape [1, 2]"),
    Plant("W_2: [[1, 2, 3]]", "W_2: &w [[1, 2, 3]]", "parameters.W_2", "`&w`"),
    Plant("b_2: [1]", "b_3: [1]", "parameters.b_3", "the unknown parameter `b_3`"),
    Plant("b_2: [1]", "b_2: *b", "parameters.b_2", "`*b`"),
    Plant("{x: [1, 2]}", "{x: [1, 2], x: [3]}", "input.x", "the key `x` stands twice"),
    Plant("{x: [1, 2]}", "{x: [1, 2, 3]}", "input.x", "`x` of shape [3]"),
    Plant("{t: [1]}", "{t: [1, 2]}", "target.t", "`t` of shape [2]"),
    Plant("{t: [1]}", "{t: !!seq [1]}", "target.t", "the tag `tag:yaml.org,2002:seq`"),
    Plant("{t: [1]}", "{t: }", "", "no numbers for t"),
    Plant("{sgd: {learning_rate: 0.5}}", "{sgd: 0.5}", "update.sgd", "`0.5`"),
    Plant("{sgd: {learning_rate: 0.5}}", "{adam: {learning_rate: 0.5}}", "update", "no key `sgd`, but `adam`"),
    Plant("learning_rate: 0.5", "learning_rate: 0", "update.sgd.learning_rate", "`0`"),
    Plant("y: 2", "q: 2", "ask.q", "the unknown name `q`"),
    Plant("y: 2", "y: two", "ask.y", "`two`"),
    Plant("dL/dW_1: 1", "dL/dW_7: 1", "ask.dL/dW_7", "the unknown name `W_7`"),
    Plant("weights: out_in", "weights: left", "conventions.weights", "`left`"),
    Plant("weights: out_in", "weight: out_in", "conventions.weight", "the unknown key `weight`"),
    Plant("weights: out_in", "frozen: [W_9]", "conventions.frozen[0]", "the unknown name `W_9`"),
    Plant("{x: u}", "{w: u}", "notation.w", "the unknown name `w`"),
    Plant("{x: u}", "{x: '$'}", "notation.x", "`$` in `$`"),
    Plant("places: 3", "places: 99", "rounding.places", "`99`"),
    Plant("places: 3", "digits: 3", "rounding.digits", "the unknown key `digits`"),
    Plant("points: 5", "points: five", "points", "`five`"),
    Plant("detail: matrix", "detail: all", "detail", "`all`"),
    Plant("detail: matrix", "colour: blue", "colour", "the unknown key `colour`"),
]

# Each line of the forward pass has quantities of its own, so that faults in two of them are independent.
GENERAL = """\
title: Many branches
forward: |
  a = A @ x + b
  c = tanh(C @ y)
  d = sin(D @ z)
  e = E * E
  f = exp(g)
  h = H @ X + log(k)
  L = sum(l)/N
parameters:
  A: [[1, 2], [3, 4], [5, 6]]
  b: [1, 2, 3]
  C: [[1, 2]]
  D: [[1, 2, 3]]
  E: [1, 2]
  g: 3
  H: [[1, 2]]
  l: [4, 5]
input:
  x: [1, 2]
  y: [1, 2]
  z: [1, 2, 3]
  X: [[1, 2], [3, 4]]
constants: {k: 2}
shapes: {X: [N, 2]}
of: L
ask: [a, dL/dl]
update: {sgd: {learning_rate: 0.5}}
rounding: {places: 3}
"""
IN_GENERAL = [
    Plant("title: Many branches", "title: {a: b}", "title", "a mapping"),
    Plant("A @ x + b", "A @ x + bb", "forward", "the unknown name `bb`"),
    Plant("A @ x + b", "x @ A + b", "in `a = x @ A + b`", "x @ A with shapes 2 and 3x2"),
    Plant("A @ x + b", "A @ x + b[i]", "forward", "`b[i]`"),
    Plant("A @ x + b", "(A @ x + b", "forward", "a bracket that is never closed"),
    Plant("tanh(C @ y)", "tahn(C @ y)", "forward", "the unknown function `tahn`"),
    Plant("tanh(C @ y)", "tanh(y @ C)", "in `c = tanh(y @ C)`", "y @ C with shapes 2 and 1x2"),
    Plant("tanh(C @ y)", "tanh(c)", "forward", "a cycle: `c` needs `c`"),
    Plant("sin(D @ z)", "sin(D @ z, z)", "in `d = sin(D @ z, z)`", "sin(...) does not take these arguments"),
    Plant("sin(D @ z)", "sin(L)", "forward", "`d` uses `L`, which is defined only on line 9"),
    Plant("E * E", "E *", "forward", "`e = E *` cannot be read"),
    Plant("E * E", "E ^ 2", "forward", "the character `^`"),
    Plant("e = E", "a = E", "forward", "`a` is defined twice, on line 3 and on line 6"),
    Plant("e = E", "y = E", "forward", "`y` is defined here and given on line 21"),
    Plant("e = E", "N = E", "forward", "`N` is a dimension"),
    Plant("exp(g)", "exp(g)**y", "forward", "the exponent `y`"),
    Plant("exp(g)", "exp()", "forward", "`exp()`, a call without an argument"),
    Plant("H @ X + log(k)", "H @ X + E * b", "in `h = H @ X + E * b`", "shapes that do not fit together"),
    Plant("sum(l)/N", "sum(l)/M", "forward", "the unknown name `M`"),
    Plant("[3, 4], [5, 6]]", "[3], [5, 6]]", "parameters.A[1]", "row 2 has 1 entries, row 1 has 2"),
    Plant("[3, 4], [5, 6]]", "[3, .nan], [5, 6]]", "parameters.A[1][1]", "`.nan`"),
    Plant("  C: [[1, 2]]", "  C: [[1, x]]", "parameters.C[0][1]", "`x`, which is not a number"),
    Plant("  D: [[1, 2, 3]]", "  D: *d", "parameters.D", "`*d`"),
    Plant("  E: [1, 2]", "  E:", "parameters.E", "`E` has neither numbers nor a shape"),
    Plant("  g: 3", "  g: !!int 3", "parameters.g", "the tag `tag:yaml.org,2002:int`"),
    Plant("{k: 2}", "{k: 2, exp: 3}", "constants.exp", "`exp` is a function"),
    Plant("  z: [1, 2, 3]", "  z: [1, 2, {}]", "input.z[2]", "a mapping"),
    Plant("{k: 2}", "{k: 2, k: 3}", "constants.k", "the key `k` stands twice"),
    Plant("{k: 2}", "{k: 2, lambda: 3}", "constants.lambda", "`lambda` as a name"),
    Plant("X: [N, 2]", "X: [N, 3]", "input.X", "numbers of shape [2, 2]"),
    Plant("X: [N, 2]", "X: [N, 0]", "shapes.X[1]", "`0`"),
    Plant("X: [N, 2]", "X: [N, 2], Q: [2]", "shapes.Q", "the unknown name `Q`"),
    Plant("of: L", "of: J", "of", "the unknown name `J`"),
    Plant("[a, dL/dl]", "[a, dL/dq]", "ask.dL/dq", "the unknown name `q`"),
    Plant("[a, dL/dl]", "[a, a]", "ask", "`a` more than once"),
    Plant("[a, dL/dl]", "[a, x]", "ask.x", "`x` is given"),
    Plant("[a, dL/dl]", "[a, dL/dl", "", "this is not YAML: did not find expected ',' or ']'"),
    Plant("{sgd: {learning_rate: 0.5}}", "[sgd]", "update", "a list"),
    Plant("{sgd: {learning_rate: 0.5}}", "{sgd: {rate: 0.5}}", "update.sgd.rate", "the unknown key `rate`"),
    Plant("rounding: {places: 3}", "roundin: {places: x}", "roundin.places", "`x`"),
    Plant("places: 3", "carry: 3", "rounding.carry", "`3`"),
]
# What a plant makes unknown, so that faults of others in it are rightly silent or different.
TOUCHES = {
    "  g: 3": {"exp(g)"},
    "X: [N, 2]": {"sum(l)/N", "H @ X + log(k)", "e = E"},
    "e = E": {"E * E", "A @ x + b", "tanh(C @ y)"},
    "  E: [1, 2]": {"H @ X + log(k)"},
    "sum(l)/N": {"sin(D @ z)"},
    "rounding: {places: 3}": {"places: 3"},
    "[3, 4], [5, 6]]": {"A @ x + b"},
    "[2, 3, 1]": {"W_2: [[1, 2, 3]]"},
    "[tanh, identity]": {"activations:"},
    "learning_rate: 0.5": {"{sgd: {learning_rate: 0.5}}"},
    "{t: [1]}": {"{x: [1, 2]}"},
}
BASES = {"short": (SHORT, IN_SHORT), "general": (GENERAL, IN_GENERAL)}


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def independent(plants: list[Plant]) -> bool:
    places = [plant.old for plant in plants]
    pairs = [(one, other) for one in places for other in places if one is not other]
    return len(set(places)) == len(places) and not any(other in TOUCHES.get(one, ()) for one, other in pairs)


def also(plant: Plant) -> list[tuple[str, str]]:
    """A misspelt key with a wrong value holds two faults."""
    return [("roundin", "the unknown key `roundin`")] if plant.new.startswith("roundin:") else []


def line_told(plant: Plant, line: int) -> int:
    """The line of a fault: YAML tells an open bracket where the next key surprises it."""
    return line + 1 if "expected ','" in plant.found else line
