# SPDX-License-Identifier: Apache-2.0
"""Interchange formats, one module each: the docstring states origin, unit, frame base and grammar."""
