"""What every room stands on: the parameters of a census, who sees which area, keys and sealed values, the access
log."""
