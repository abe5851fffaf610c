// SPDX-License-Identifier: MIT
// Catch2's main, compiled once for all unit tests: it takes longer than any of them.
#define CATCH_CONFIG_MAIN
#include "tests/catch.hpp"
