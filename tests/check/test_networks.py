"""Which quantity is computed from which: the ways from one to the loss, and products of factors along them."""

from __future__ import annotations

import pytest

from derive.check.chains import Network, check_chain
from derive.check.latex_document import spelling
from tests.check.test_chain_reread import product

DIAMOND = Network({"p": ["x"], "q": ["x"], "r": ["p", "q"], "L": ["r", "q"]})


@pytest.mark.parametrize(
    ("tex", "passed"),
    [
        (f"{product('L', 'p', 'x')} + {product('L', 'q', 'x')}", True),
        (f"{product('L', 'r', 'p', 'x')} + {product('L', 'q', 'x')}", True),
        (f"{product('L', 'r', 'p', 'x')} + {product('L', 'r', 'q', 'x')}", False),
        (f"{product('L', 'q', 'x')} + {product('L', 'r', 'q', 'x')}", False),
        (product("L", "q", "x"), False),
        (product("L", "x"), False),
        ("", False),
        (r"\frac{\partial L}{2}", False),
        (r"\frac{L}{\partial x}", False),
    ],
)
def test_every_way_once(tex: str, passed: bool) -> None:
    assert check_chain("dL/dx", tex, DIAMOND, "L", "x").passed is passed


def test_ways_through_a_network_deeper_than_the_stack_are_counted() -> None:
    uses = {
        f"{lane}_{{{layer}}}": [f"p_{{{layer - 1}}}", f"q_{{{layer - 1}}}"] for layer in range(1, 3000) for lane in "pq"
    }
    ladder = Network({**uses, "L": ["p_{2999}", "q_{2999}"]})
    assert ladder.ways(spelling("p_{0}"), spelling("L")) == 2**2999
    assert DIAMOND.ways(("x",), ("L",)) == 3
