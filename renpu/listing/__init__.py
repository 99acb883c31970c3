"""The household roster (户主姓名底册): one line a household of a dwelling, and what was found there (GSBPM 4.3)."""
