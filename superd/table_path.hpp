// SPDX-License-Identifier: MIT
// Where the table is, for superd and superctl alike.
#pragma once

#include <string>

#include "superd/core/service.hpp"

namespace superd {

/// `given`, or where that is empty: /etc/superd/superd.yaml, else conf/superd.yaml beside the build
/// tree that the program stands in.
std::string table_path(const std::string& given);

/// "5 services, 6 listeners": what is enabled.
std::string summary(const ServiceTable& table);

}  // namespace superd
