# SPDX-License-Identifier: Apache-2.0
"""What tracks are used for: seeing at one look whether they hold."""
