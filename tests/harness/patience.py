# SPDX-License-Identifier: MIT
"""Waiting with a deadline. Nothing here measures time: a deadline only ends what never would.

SUPERD_TEST_PATIENCE makes all deadlines longer, for slow machines and sanitizers."""

import os
import time

PATIENCE = float(os.environ.get("SUPERD_TEST_PATIENCE", "1"))
DEADLINE = 30 * PATIENCE  # seconds


def wait_until(condition, what):
    """The first true value of `condition()`; if there is none in time, an assertion with `what`,
    a text or a function that gives one."""
    end = time.monotonic() + DEADLINE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not in {DEADLINE:g} s: {what() if callable(what) else what}")
        time.sleep(0.01)
