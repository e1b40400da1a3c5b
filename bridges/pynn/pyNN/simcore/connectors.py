"""The connectors of PyNN that need something of their own here; the others are PyNN's."""

from __future__ import annotations

from typing import Any

import numpy as np

from pyNN import connectors


class OneToOneConnector(connectors.OneToOneConnector):
    __doc__ = connectors.OneToOneConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Connect; from one cell by an array, since PyNN 0.13 makes a mask of no dimensions, which NumPy refuses."""
        if projection.pre.size > 1:
            super().connect(projection)
            return
        first = np.arange(projection.post.size)[None] == 0
        connectors.ArrayConnector(first, safe=self.safe, callback=self.callback).connect(projection)
