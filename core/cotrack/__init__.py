# SPDX-License-Identifier: Apache-2.0
"""CoTracker3-class point tracking for film: everything that runs outside a host."""

from cotrack_client import __version__ as __version__
