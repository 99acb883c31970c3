"""Registration (登记): events from the field and the office are appended to the journal and folded into the current
tables.

In: events, decoded and checked (`renpu.editing.receipt`). Out: the journal, the roster's current state, persons,
merge tasks, quarantine and counters by block and day (GSBPM 4.3).
"""
