// SPDX-License-Identifier: MIT
// glob(3), sorted by bytes.
#include "superd/config/include.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

namespace superd {
namespace {

struct Matches {
  glob_t found{};
  Matches() = default;
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  ~Matches() { globfree(&found); }
};

}  // namespace

bool is_glob(const std::string& pattern) { return pattern.find_first_of("*?[") != pattern.npos; }

std::vector<std::string> expand_include(const std::string& pattern, const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const std::string whole = (folder / pattern).lexically_normal().string();
  if (!is_glob(pattern)) return {whole};
  Matches matches;
  if (glob(whole.c_str(), GLOB_NOSORT, nullptr, &matches.found) != 0) return {};
  std::vector<std::string> paths(matches.found.gl_pathv,
                                 matches.found.gl_pathv + matches.found.gl_pathc);
  std::sort(paths.begin(), paths.end());  // by bytes, whatever the locale
  return paths;
}

}  // namespace superd
