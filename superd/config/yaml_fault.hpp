// SPDX-License-Identifier: MIT
// What yaml-cpp's complaints mean for the person who wrote the file: the likely cause, and the
// remedy.
#pragma once

#include <optional>
#include <string>

#include <yaml-cpp/exceptions.h>

#include "superd/config/source.hpp"

namespace superd {

struct YamlFault {
  YAML::Mark mark;
  std::string message;
};

/// `unclosed` is where the innermost [ or { still open began, if one is.
YamlFault explain_fault(const YAML::Exception& exception, const Source& source,
                        const std::optional<YAML::Mark>& unclosed);

}  // namespace superd
