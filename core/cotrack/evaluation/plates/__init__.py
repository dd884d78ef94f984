# SPDX-License-Identifier: Apache-2.0
"""The plates benchmark: shots of the size of real plates, made by seed, whose truth is exact."""
