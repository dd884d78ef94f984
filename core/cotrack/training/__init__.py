# SPDX-License-Identifier: Apache-2.0
"""Synthetic shots, losses, and the training loop."""
