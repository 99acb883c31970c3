"""The same person or not: records of two files, or of one, compared without a common key (GSBPM 5.1).

In: two frames, and which of their columns mean what. Out: pairs, how surely they are one person, and why. Nothing is
learned from a truth, and nothing depends on the order of the rows. Knows no Django and no database: `compare` is called
from a notebook as from `renpu compare`.
"""

from renpu.linkage.fields import Field
from renpu.linkage.linking import LinkageRefused, compare

__all__ = ["Field", "LinkageRefused", "compare"]
