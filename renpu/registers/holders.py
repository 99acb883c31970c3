"""Who else holds something of a delivery's rows.

A room that comes after puts the full name of a function of the delivery here when it starts (`AppConfig.ready`); when
the rows are destroyed it takes away what it holds and gives counts of what it was, by name.
"""

HOLDERS: list[str] = []
