"""What census words mean: code lists, decision tables, identity numbers, names, dates, masking. Pure.

In come texts and codes as people and offices write them; out come values, with what is wrong about them told by code.
Nothing here knows a database or a web request; the only files read are the code lists of this package.
"""
