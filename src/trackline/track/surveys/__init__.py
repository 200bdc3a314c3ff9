"""Surveys: waves and their links, answers, what they add up to, and cases of low answers."""
