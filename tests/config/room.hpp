// SPDX-License-Identifier: MIT
// A directory of its own for configuration files, and short ways to load them and to look at what
// was said.
#pragma once

#include <filesystem>
#include <fstream>

#include "superd/config/load.hpp"
#include "tests/catch.hpp"
#include "tests/config/fake_host.hpp"

namespace superd {

using Messages = std::vector<std::string>;

class Room {
 public:
  FakeHost host;

  Room() {
    std::string name = (std::filesystem::temp_directory_path() / "superd-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(const std::string& name = "") const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path(name);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    return file.string();
  }

  Loaded load(const std::string& text) const { return superd::load(write("t.yaml", text), host); }

  /// "t.yaml:3:5: MESSAGE" for each thing said; the room's own path is left out.
  Messages said(const Loaded& loaded) const {
    Messages messages;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      const std::string mark = diagnostic.severity == Severity::warning ? "warning: " : "";
      messages.push_back(
          without_path(to_text(diagnostic.place) + ": " + mark + diagnostic.message));
    }
    return messages;
  }

  Messages faults(const std::string& text) const { return said(load(text)); }

  /// The only service of a table in which nothing is wrong.
  Service service(const std::string& text) const {
    const Loaded loaded = load(text);
    CAPTURE(text, said(loaded));
    REQUIRE(loaded.table);
    REQUIRE(loaded.table->services.size() == 1);
    return *loaded.table->services[0];
  }

  std::string without_path(std::string text) const {
    for (std::size_t at; (at = text.find(path_ + "/")) != std::string::npos;) {
      text.erase(at, path_.size() + 1);
    }
    return text;
  }

 private:
  std::string path_;
};

/// A table of one service 'x' with these keys; the first is in line 3, column 5.
inline std::string service_with(const std::vector<std::string>& keys) {
  std::string text = "services:\n  x:\n";
  for (const std::string& key : keys) text += "    " + key + "\n";
  return text;
}

/// The same with `listen` and `run` in lines 3 and 4, so that `key` is in line 5.
inline std::string working_with(const std::string& key) {
  return service_with({"listen: 127.0.0.1:7001", "run: /bin/cat", key});
}

}  // namespace superd
