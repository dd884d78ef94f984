# SPDX-License-Identifier: Apache-2.0
"""The pictures that were used last, within a budget of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from cotrack.media.picture import Picture


class PictureCache:
    """Keeps the pictures that were used last; forgets the others. May be used from several threads."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._bytes = 0
        self._pictures: OrderedDict[Hashable, Picture] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Picture | None:
        """The picture of a key, if it is still here."""
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
            return self._pictures.get(key)

    def put(self, key: Hashable, picture: Picture) -> None:
        """Keep a picture, and forget the oldest ones that no longer fit beside it."""
        with self._lock:
            if key not in self._pictures:
                self._bytes += picture.codes.nbytes
            self._pictures[key] = picture
            self._pictures.move_to_end(key)
            while self._bytes > self._budget_bytes:
                _, forgotten = self._pictures.popitem(last=False)
                self._bytes -= forgotten.codes.nbytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._pictures.clear()
            self._bytes = 0
