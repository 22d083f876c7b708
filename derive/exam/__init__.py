"""Papers: variants of problems as exams and keys to print, and as data."""
