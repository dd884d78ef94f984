# SPDX-License-Identifier: Apache-2.0
"""Clip and queries in, tracks out: windows, point groups, memory plan, precision, keys."""
