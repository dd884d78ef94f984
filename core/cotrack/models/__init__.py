# SPDX-License-Identifier: Apache-2.0
"""The networks, their model cards, and the store that holds their weights."""
