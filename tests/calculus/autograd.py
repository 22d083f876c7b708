"""A problem derived by us and by PyTorch: every value and every gradient agrees."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, assume, currently_in_test_context, settings

from derive.calculus import Style, differentiate, gradient_name
from derive.evaluate import Values
from derive.ops import Array, Fn, walk
from derive.program import Program, compile_problem
from derive.spec import Problem
from tests.support import evaluated, parameters, torch_gradients, torch_values, value_of

STYLES = [Style(), Style(fused=False), Style(fused=False, numerator=True)]
random_networks = settings(
    deadline=None,
    max_examples=80,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def check(problem: Problem, style: Style | None = None) -> tuple[Program, Values]:
    """Derive all gradients and hold every one that belongs to a quantity of the author's against autograd."""
    program = compile_problem(problem)
    derived = differentiate(program, parameters(program), style)
    values = evaluated(derived, problem)
    if currently_in_test_context():
        assume(away_from_kinks(program, values))
    assert away_from_kinks(program, values)
    autograd = torch_gradients(problem)
    loss = program.loss
    assert loss is not None
    for name, value in torch_values(problem).items():
        wanted = value.detach().numpy().reshape(values[name].shape)
        np.testing.assert_allclose(values[name], wanted, rtol=1e-12, atol=1e-14, err_msg=name)
    for name, wanted in autograd.items():
        gradient = gradient_name(loss.name, name)
        if gradient in derived.names:
            assert values[gradient].shape == wanted.shape, str(derived[gradient])
            scale = 1e-12 * max(1.0, float(np.abs(wanted).max()))
            np.testing.assert_allclose(values[gradient], wanted, rtol=1e-10, atol=scale, err_msg=str(derived[gradient]))
    for name in autograd.keys() & set(parameters(program)):
        assert gradient_name(loss.name, name) in derived.names, f"no gradient of {name}"
    return derived, values


def away_from_kinks(program: Program, values: Values) -> bool:
    """Whether no function of the forward pass stands at a point where it has no derivative."""
    for step in program:
        for node in walk(step.formula):
            if isinstance(node, Fn) and node.row.kink:
                distance = value_of(node.row.kink(*node.arguments), values, program.dimensions)
                if np.abs(distance).min() < 1e-6:
                    return False
    return True


def block(values: Array) -> str:
    """Numbers as a problem file writes them."""
    return str(np.round(values, 3).tolist())
