"""Program -> longer program: gradients, Jacobians, updates. Knows no operation by name."""

from derive.calculus.differentiate import differentiate, gradient_name
from derive.calculus.jacobian import jacobian_name, jacobian_step
from derive.calculus.update import descend, updated_name

__all__ = ["descend", "differentiate", "gradient_name", "jacobian_name", "jacobian_step", "updated_name"]
