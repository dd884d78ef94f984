# SPDX-License-Identifier: Apache-2.0
"""Data sets of others, for whoever has them: a module per layout, each yields clips with their true tracks.

Nothing in a data set is run: pickles are refused, or read as plain tensors.
"""
