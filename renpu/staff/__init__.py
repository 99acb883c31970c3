"""The two kinds of staff (两员), enumerators and supervisors, and who holds which block."""
