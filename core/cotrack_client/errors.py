# SPDX-License-Identifier: Apache-2.0
"""The exception tree: every error that the user can cure.

A message is one sentence that names the value at fault, and the cure. Whatever is not a `CotrackError` is our own
fault, and is reported as such.
"""

from __future__ import annotations


class CotrackError(Exception):
    """The input, or what surrounds the program, is at fault; the message says what, and what to do."""


class FormatError(CotrackError):
    """A file or text does not follow its format."""
