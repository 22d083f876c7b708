"""Files full of faults: each text with the line, the path and the beginning of every fault that is told of it."""

from __future__ import annotations

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
