"""Who may be missing, and who is counted twice: registers and forms set against each other and against themselves; each
difference is a work item until a person has closed it with a reason (GSBPM 5.3, 5.4; 比对复查).

In: the newest accepted deliveries, the roster, the newest forms. Out: a finding for each register row and form line,
and the ledger of work items. The comparison itself (`internal`, `external`, `balance`, `vacancy`) takes and gives
Polars frames and knows no Django.
"""
