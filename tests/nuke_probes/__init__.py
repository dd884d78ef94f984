# SPDX-License-Identifier: Apache-2.0
"""The questions of `tests/nuke_probe.py`, a module per subject."""
