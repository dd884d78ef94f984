# SPDX-License-Identifier: Apache-2.0
"""Refinement: each sample of a follower is registered against the point's own look, at the plate's resolution."""
