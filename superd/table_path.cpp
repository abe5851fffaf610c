// SPDX-License-Identifier: MIT
// The standard places of the table.
#include "superd/table_path.hpp"

#include <filesystem>

#include "superd/base/text.hpp"

namespace superd {
namespace {

namespace fs = std::filesystem;

constexpr const char* standard_table = "/etc/superd/superd.yaml";

}  // namespace

std::string table_path(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code error;
  if (fs::exists(standard_table, error)) return standard_table;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path beside = folder.parent_path().parent_path() / "conf/superd.yaml";
  const bool in_build_tree = folder.filename() == "bin" && fs::exists(beside, error);
  return in_build_tree ? beside.string() : standard_table;
}

std::string summary(const ServiceTable& table) {
  std::size_t services = 0, listeners = 0;
  for (const ServicePtr& service : table.services) {
    if (!service->enabled) continue;
    ++services;
    listeners += service->listen.size();
  }
  return count_of(services, "service") + ", " + count_of(listeners, "listener");
}

}  // namespace superd
