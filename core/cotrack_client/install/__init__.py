# SPDX-License-Identifier: Apache-2.0
"""Finds the Python environment that a worker runs in, or makes it."""
