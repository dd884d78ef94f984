# SPDX-License-Identifier: Apache-2.0
"""A pytest plug-in: property tests with few examples, for runs that ask whether another Python runs them at all."""

import hypothesis

hypothesis.settings.register_profile("few examples", max_examples=5, stateful_step_count=10, deadline=None)
