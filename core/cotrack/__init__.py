# SPDX-License-Identifier: Apache-2.0
"""CoTracker3-class point tracking for film: everything that runs outside a host."""

__version__ = "0.1.0"
