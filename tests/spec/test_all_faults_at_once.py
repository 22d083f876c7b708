"""All faults of a file come at once, each once, and nothing that only follows from one of them."""

from __future__ import annotations

import random
from textwrap import dedent
from typing import NamedTuple

import pytest

from derive.errors import ProblemError
from derive.program import read_text


def faults_of(text: str) -> list[tuple[int, str, str]]:
    """Line, path and `found` of each fault of a text, in the order in which they are told."""
    with pytest.raises(ProblemError) as caught:
        read_text(text, "f")
    return [(int(fault.where.partition(":")[2] or 0), fault.path, fault.found) for fault in caught.value.faults]


# ------------------------------------------------------------------------------------------- files full of faults

FILES = {
    "equations, names, shapes and fields": (
        """\
        titel: x
        forward: |
          y = W @ x + c
          z = tahn(y)
          q = x @ k
          L = sum((V @ x)**2) + nix + sin(b @ x)
          r = nix
        input: {x: [1, 2, 3]}
        parameters: {W: [[1, 2], [3, nan]], V: [[1, 2], [3, 4]], b: [1, 2]}
        constants: {k: 2, k: 3, c: [[1], [2, 3]]}
        of: M
        update: {sgd: 0.2}
        rounding: {places: 99, carry: all}
        ask: {yy: 2, y: -1}
        """,
        [
            (1, "titel", "the unknown key `titel`"),
            (3, "in `y = W @ x + c`", "W @ x with shapes 2x2 and 3"),
            (4, "forward", "the unknown function `tahn`"),
            (5, "in `q = x @ k`", "x @ k with shapes 3 and scalar"),
            (6, "forward", "the unknown name `nix` (also on line 7)"),
            (6, "in `L = sum((V @ x)**2) + nix + sin(b @ x)`", "V @ x with shapes 2x2 and 3"),
            (6, "in `L = sum((V @ x)**2) + nix + sin(b @ x)`", "b @ x with shapes 2 and 3"),
            (9, "parameters.W[1][1]", "`nan`"),
            (10, "constants.c[1]", "row 2 has 2 entries, row 1 has 1"),
            (10, "constants.k", "the key `k` stands twice, on line 10 and on line 10"),
            (11, "of", "the unknown name `M`"),
            (12, "update.sgd", "`0.2`"),
            (13, "rounding.carry", "`all`"),
            (13, "rounding.places", "`99`"),
            (14, "ask.y", "`-1`"),
            (14, "ask.yy", "the unknown name `yy`"),
        ],
    ),
    "a network": (
        """\
        architecture: [2, 3, 1]
        activations: sigmoid
        loss: mes
        parameters: {W_1: [[1, 2], [3, 4], [5, 6, 7]], W_2: [[1, 2, 3, 4]], b_1: [1, 2], b_3: [1]}
        input: {x: [1, 2, 3]}
        target: {t: [1, 2]}
        ask: [q, dL/dW_1, z, z_1]
        update: {sgd: {learning_rate: -1, symbol: 1x}}
        """,
        [
            (2, "activations", "`sigmoid`"),
            (3, "loss", "the unknown loss `mes`"),
            (4, "parameters.W_1[2]", "row 3 has 3 entries, row 1 has 2"),
            (4, "parameters.W_2", "`W_2` of shape [1, 4]"),
            (4, "parameters.b_1", "`b_1` of shape [2]"),
            (4, "parameters.b_3", "the unknown parameter `b_3`"),
            (5, "input.x", "`x` of shape [3]"),
            (6, "target.t", "`t` of shape [2]"),
            (7, "ask.q", "the unknown name `q`"),
            (8, "update.sgd.learning_rate", "`-1`"),
            (8, "update.sgd.symbol", "`1x` as a name"),
        ],
    ),
    "misspelt keys are read as those that are meant": (
        """\
        architecture: [2, three!, 1]
        activation: [tanh, identiti]
        loss: {mse: {reduction: max, factor: x}}
        paramters: {W_1: [[1, 2, 3], [3, 4, 5]], b_1: [1, 2, 3, 4], W_2: [[1, 2, 3]], b_2: [.inf]}
        inputs: {x: [1, 2, 3]}
        target: {t: 1}
        convention: {weight: in_out, samples: diagonal}
        ask: [q]
        """,
        [
            (1, "architecture[1]", "`three!`"),
            (2, "activation", "the unknown key `activation`"),
            (2, "activation[1]", "the unknown activation `identiti`"),
            (3, "loss.mse.factor", "`x`"),
            (3, "loss.mse.reduction", "`max`"),
            (4, "paramters", "the unknown key `paramters`"),
            (4, "paramters.W_2", "`W_2` of shape [1, 3]"),
            (4, "paramters.b_1", "width_of_layer_1 is 4 here, but 3 in `W_1`"),
            (4, "paramters.b_2[0]", "`.inf`"),
            (5, "inputs", "the unknown key `inputs`"),
            (5, "inputs.x", "`x` of shape [3]"),
            (7, "convention", "the unknown key `convention`"),
            (7, "convention.samples", "`diagonal`"),
            (7, "convention.weight", "the unknown key `weight`"),
            (8, "ask.q", "the unknown name `q`"),
        ],
    ),
    "slips in the YAML beside others": (
        """\
        forward: |
          a = W @ x
          b = a +
          c = b @ W
          d = (a
          e = d + q
          f = w.T
        input: {x: [1, 2]
        parameters: {W: [[1, 2]], w: [1]}
        ask: [c, g]
        points: many
        text: Pen: paper
        """,
        [
            (3, "forward", "`b = a +` cannot be read: invalid syntax"),
            (5, "forward", "a bracket that is never closed"),
            (7, "in `f = w.T`", "the transpose of a flat list of numbers"),
            (9, "", "this is not YAML: did not find expected ',' or '}'"),
            (10, "ask.g", "the unknown name `g`"),
            (11, "points", "`many`"),
            (12, "", "this is not YAML: mapping values are not allowed in this context"),
        ],
    ),
    "aliases, tags, merged and repeated keys": (
        """\
        input: &all {x: [1, 2], x: [1]}
        target: {t: *all}
        parameters: {<<: *all, W: [[1, 2]]}
        constants: {c: !!float 1, d: [1, 2, 3]}
        forward: |
          y = W @ x + u
          z = c * y + t
          q = d @ x
          r = tahn(d)
        input: {v: 1}
        rounding: {places: 1}
        rounding: {places: x}
        of: s
        """,
        [
            (1, "input", "`&all`"),
            (1, "input.x", "the key `x` stands twice, on line 1 and on line 1"),
            (2, "target.t", "`*all`"),
            (3, "parameters.<<", "`*all`"),
            (3, "parameters.<<", "the merge key `<<`"),
            (4, "constants.c", "the tag `tag:yaml.org,2002:float`"),
            (8, "in `q = d @ x`", "d @ x with shapes 3 and 2"),
            (9, "forward", "the unknown function `tahn`"),
            (10, "input", "the key `input` stands twice, on line 1 and on line 10"),
            (12, "rounding", "the key `rounding` stands twice, on line 11 and on line 12"),
            (13, "of", "the unknown name `s`"),
        ],
    ),
    "cycles and orders": (
        """\
        forward: |
          a = b
          b = a
          c = d
          d = c + 1
          e = sin(u) + v @ [1]
          f = h
          g = W @ x + W.T @ W
          h = 2*g
          x = g
          a = u
        input: {x: [1, 2]}
        parameters: {W: [[1, 2, 3]], V: }
        """,
        [
            (2, "forward", "a cycle: `a` needs `b` needs `a`"),
            (4, "forward", "a cycle: `c` needs `d` needs `c`"),
            (6, "forward", "`[1]`"),
            (6, "forward", "the unknown name `u` (also on line 11)"),
            (6, "forward", "the unknown name `v`"),
            (7, "forward", "`f` uses `h`, which is defined only on line 9"),
            (8, "in `g = W @ x + W.T @ W`", "W @ x with shapes 1x3 and 2"),
            (10, "forward", "`x` is defined here and given on line 12"),
            (11, "forward", "`a` is defined twice, on line 2 and on line 11"),
            (13, "parameters.V", "`V` has neither numbers nor a shape"),
        ],
    ),
    "shapes": (
        """\
        forward: |
          y = W @ x
          z = X @ W
          L = sum(y)/N + M
        input: {x: [1, 2], X: [[1, 2], [3, 4]]}
        parameters: {W: [[1, 2]], V: [1]}
        shapes: {W: [1, 0], X: [N, 3], Q: [1], V: [K]}
        """,
        [
            (4, "forward", "the unknown name `M`"),
            (5, "input.X", "numbers of shape [2, 2]"),
            (7, "shapes.Q", "the unknown name `Q`"),
            (7, "shapes.W[1]", "`0`"),
        ],
    ),
    "numbers for some quantities only": (
        """\
        architecture: [2, 1]
        activations: [tahn]
        loss: mse
        input: {x: [1, 2]}
        target: {t: }
        parameters: {W_1: [[1, 2]], b_1: [a]}
        update: {sgd: {learning_rate: a lot}}
        """,
        [
            (2, "activations[0]", "the unknown activation `tahn`"),
            (5, "", "no numbers for t"),
            (6, "parameters.b_1[0]", "`a`, which is not a number"),
            (7, "update.sgd.learning_rate", "`a lot`, which is not a number"),
        ],
    ),
    "a key that is not known, in the place of one that is missing": (
        "layers: [2, 1]\nactivations: [tahn]\nloss: mse\ncolour: blue\n",
        [
            (1, "layers", "the unknown key `layers`"),
            (2, "activations[0]", "the unknown activation `tahn`"),
            (4, "colour", "the unknown key `colour`"),
        ],
    ),
    "what is missing": (
        "activations: [tahn]\nloss: mse\nask: [q]\ninput: {x: [[1], [2, 3]]}\n",
        [
            (1, "activations", "`activations:`, `loss:` without `architecture:`"),
            (1, "activations[0]", "the unknown activation `tahn`"),
            (4, "input.x[1]", "row 2 has 2 entries, row 1 has 1"),
            (1, "target", "no target"),
        ],
    ),
    "an update that is none": (
        """\
        forward: y = 2*w
        parameters: {w: a}
        update: {adam: {learning_rate: 0.1}}
        ask: ["w'"]
        notation: {eta: h}
        """,
        [(2, "parameters.w", "`a`, which is not a number"), (3, "update", "no key `sgd`, but `adam`")],
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_exactly_these_faults(case: str) -> None:
    text, expected = FILES[case]
    found = faults_of(dedent(text))
    assert sorted(found) == sorted(expected)
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("architecture: [2, 1, 1]\nactivations: sigmoid\nloss: mse", "`activations: [sigmoid, identity]`"),
        ("architecture: [2, 1, 1]\nactivations: 3\nloss: mse", "`activations: [sigmoid, identity]`"),
        ("forward: y = 2*w\nparameters: {w: 1}\nupdate: {sgd: 0.2}", "`update: {sgd: {learning_rate: 0.2}}`"),
        ("forward: y = 2*w\nparameters: {w: 1}\nupdate: {sgd: much}", "`update: {sgd: {learning_rate: 0.1}}`"),
        ("forward: y = 2*w\nparameters: {w: 1}\nupdate: 0.2", "`update: {sgd: {learning_rate: 0.2}}`"),
    ],
)
def test_the_hint_shows_how_it_is_written(text: str, hint: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_text(text)
    assert [hint in fault.hint for fault in caught.value.faults if fault.path.startswith(("act", "up"))] == [True]


def test_very_many_faults_are_not_all_told() -> None:
    faults = faults_of("".join(f"k{number}: 1\n" for number in range(1000)) + "forward: y = tahn(q)\n")
    assert len(faults) == 52
    assert (51, "k50", "950 more unknown keys") in faults
    assert len(faults_of("a: 1\n" * 1000)) == 501


# ------------------------------------------------------------------------------------------------- planted faults


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


def check_planted(base: str, plants: list[Plant]) -> None:
    text = base
    expected: list[tuple[int, str, str]] = []
    for plant in plants:
        assert base.count(plant.old) == 1, plant.old
        line = line_of(base, base.index(plant.old))
        expected += [(line_told(plant, line), plant.path, plant.found)] + [(line, *more) for more in also(plant)]
        text = text.replace(plant.old, plant.new)
    assert text.count("\n") == base.count("\n")
    if any(plant.new.startswith("X: [N, 3]") for plant in plants):  # the numbers are told, not their shape
        expected = [(23, path, found) if path == "input.X" else (line, path, found) for line, path, found in expected]
    found = faults_of(text)
    unmatched = [
        entry
        for entry in found
        if not any(entry[:2] == (line, path) and entry[2].startswith(start) for line, path, start in expected)
    ]
    assert not unmatched, text
    assert len(found) == len(expected), (found, expected, text)


BASES = {"short": (SHORT, IN_SHORT), "general": (GENERAL, IN_GENERAL)}


@pytest.mark.parametrize("form", BASES)
def test_the_files_without_plants_are_right(form: str) -> None:
    assert read_text(BASES[form][0]).equations


@pytest.mark.parametrize(
    ("form", "plant"), [(form, plant) for form, (_, plants) in BASES.items() for plant in plants], ids=str
)
def test_a_planted_fault_is_the_only_one(form: str, plant: Plant) -> None:
    check_planted(BASES[form][0], [plant])


@pytest.mark.parametrize("form", BASES)
@pytest.mark.parametrize("seed", range(150))
def test_independent_faults_are_all_told_and_nothing_else(form: str, seed: int) -> None:
    base, known = BASES[form]
    numbers = random.Random(seed)
    plants = numbers.sample(known, numbers.randint(2, 4))
    while not independent(plants):
        plants = numbers.sample(known, numbers.randint(2, 4))
    check_planted(base, plants)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("leaky_relu(x, alpha=1/0)", "a division by zero in 1/0"),
        ("leaky_relu(x, alpha=True)", "the option `True`"),
        ('leaky_relu(x, alpha="sum")', "the option `sum`"),
        ("mse(x, 1, factor=1/0)", "a division by zero in 1/0"),
        ("mse(x, 1, factor=True)", "the option `True`"),
        ('huber(x, 1, delta="sum")', "the option `sum`"),
        ("augment(x, last=0)", "augment(...) does not take these arguments"),
        ("cross_entropy(x, x, axis=5)", "cross_entropy(...) does not take these arguments"),
        ("cross_entropy(x, 0, axis=5)", "cross_entropy(...) does not take these arguments"),
    ],
)
def test_options_that_are_no_numbers(expression: str, found: str) -> None:
    text = f"forward: |\n  y = {expression}\n  z = tahn(x)\ninput: {{x: [1, 2]}}\n"
    assert faults_of(text) == [(2, f"in `y = {expression}`", found), (3, "forward", "the unknown function `tahn`")]
