"""The picture that stays in the notebook file, for where no kernel and no widget is.

Drawn into an array of colour codes that becomes a PNG with a palette: the cells have exactly the
colours of the table. Everything is drawn twice as large as it is shown, so that it is crisp.
"""

from .media import bundle, bundle_metadata

__all__ = ["bundle", "bundle_metadata"]
