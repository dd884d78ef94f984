# SPDX-License-Identifier: GPL-3.0-or-later
"""Track with CoTracker3 in Blender's Movie Clip Editor."""
