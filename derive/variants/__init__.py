"""Other numbers for a problem, equally hard, for very many students at once."""
