# SPDX-License-Identifier: MIT
"""Waiting with a deadline, which only ends what never would. SUPERD_TEST_PATIENCE makes it longer."""

import os
import time

DEADLINE = 60 * float(os.environ.get("SUPERD_TEST_PATIENCE", "1"))  # seconds


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
    time.sleep(0.05)
