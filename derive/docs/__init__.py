"""Pages of the documentation that are made from the program itself: `python -m derive.docs`."""
