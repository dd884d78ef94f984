# SPDX-License-Identifier: Apache-2.0
"""Frames on demand from image sequences and movies, colour managed."""
