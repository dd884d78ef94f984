# SPDX-License-Identifier: Apache-2.0
"""Synthetic shots: pictures with exact tracks, made in torch on the device that trains."""
