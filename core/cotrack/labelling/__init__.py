# SPDX-License-Identifier: Apache-2.0
"""Sets of clips with tracks for training: labels that teachers make on real shots, and data sets of others."""
