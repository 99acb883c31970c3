"""A made-up street whose truth is known, and `play`: a season's field records put through the write path as a
phone's would be.

All people in it are invented; identity numbers carry a county code (..0199..) that was never given out.
"""
