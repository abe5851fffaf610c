// SPDX-License-Identifier: MIT
// What is wrong with a table, for the person at 3 a.m.: place, name, fault, remedy. All faults, not
// just the first.
#pragma once

#include <string>
#include <vector>

#include "superd/base/place.hpp"

namespace superd {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Place place;
  std::string message;  // "service 'finger': unknown key 'alow'; did you mean 'allow'?"
  std::string source;   // the line at `place`, for the caret; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& diagnostics);

/// "finger.yaml:9:3: service 'finger': …" ("warning: " before the message of a warning), and below
/// it the line and a caret where the line is known. Tabs and control characters in the line are
/// shown as blanks; long lines are cut around the caret. Ends with a newline.
std::string to_text(const Diagnostic& diagnostic);
/// All of them, one after the other.
std::string to_text(const Diagnostics& diagnostics);
/// The first line of it, without its end.
std::string to_line(const Diagnostic& diagnostic);

}  // namespace superd
