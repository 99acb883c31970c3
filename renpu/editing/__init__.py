"""Editing (审核): rules that a form must satisfy, the questionnaire they belong to, and the check of a form on receipt.

In: answers of a form, what the roster knows of the household. Out: edits by rule and line: hard ones that block a form,
queries to be confirmed with a reason, notes for the office (GSBPM 5.3). `rules` and `questionnaire` are pure; `receipt`
writes.
"""
