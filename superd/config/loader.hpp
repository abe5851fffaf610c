// SPDX-License-Identifier: MIT
// Walks through the files of a table: reads the main one, follows its includes, and gathers drafts
// on the way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "superd/config/draft.hpp"
#include "superd/config/file_keys.hpp"
#include "superd/config/list_file.hpp"
#include "superd/config/load.hpp"

namespace superd {

class Loader {
 public:
  explicit Loader(const Host& host) : host_(host) {}

  Loaded load(const std::string& path);

 private:
  void read_parts(const Source& source, const Draft& outer_defaults);
  void read_root(const Value& root, const Draft& outer_defaults);
  void read_daemon(const Value& value, Scope& scope);
  void read_services(const Value& value, const Draft& defaults);
  void follow_includes(const Value& value, const Draft& defaults);
  void include(const Value& value, const std::string& path, const Draft& defaults);
  bool may_include(const Value& value, const Source& source);
  void warn_if_writable(const Source& source);

  const Host& host_;
  Report report_;
  Daemon daemon_;
  std::vector<Draft> drafts_;
  std::map<std::string, Place, std::less<>> names_;
  std::vector<const Source*> chain_;  // the files being read, the main one first
  std::map<FileId, Place> included_;  // and where each file was named
  std::vector<std::shared_ptr<const std::string>> files_;  // by their numbers
  std::size_t bytes_ = 0;
  ListFiles lists_;
};

}  // namespace superd
