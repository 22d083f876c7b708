"""Program -> longer program: gradients, Jacobians, updates. Knows no operation by name."""

from derive.calculus.differentiate import differentiate, gradient_name
from derive.calculus.update import descend, updated_name

__all__ = ["descend", "differentiate", "gradient_name", "updated_name"]
