"""A sheet as LaTeX, PDF, JSON: one module per format."""
