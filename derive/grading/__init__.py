"""Marking: answers judged by the right numbers and by the student's own earlier answers, and the slip named."""
