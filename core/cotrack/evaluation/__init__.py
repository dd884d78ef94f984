# SPDX-License-Identifier: Apache-2.0
"""Benchmarks: how near to the truth the tracks are, and at what cost."""
