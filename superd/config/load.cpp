// SPDX-License-Identifier: MIT
// Both ways in. The command line is made into the nodes that a file would give, and read as one.
#include "superd/config/load.hpp"

#include <filesystem>
#include <future>
#include <system_error>

#include "superd/config/loader.hpp"
#include "superd/config/read_service.hpp"
#include "superd/config/validate.hpp"
#include "superd/config/writer.hpp"
#include "superd/core/launch_plan.hpp"

namespace superd {
namespace {

// What a file would say. No place: to_text says "command line".
NodePtr service_node(const CommandLineService& service) {
  auto node = new_mapping();
  add_entry(*node, "listen", write_words(service.listen));
  add_entry(*node, "run", write_words(service.command));
  add_entry(*node, "user", write_if(service.user, write_word));
  return node;
}

std::string service_name(const std::vector<std::string>& command) {
  if (command.empty()) return "service";
  return tidy_service_name(std::filesystem::path(command.front()).filename().string());
}

// A copy in memory of its own, piece after piece.
ServiceTable settled(const ServiceTable& table) {
  ServiceTable copy = table;
  for (ServicePtr& service : copy.services) service = std::make_shared<const Service>(*service);
  return copy;
}

}  // namespace

// Nodes and drafts come and go between the pieces of the table that stay, and a heap full of such
// holes is three times as large as what is in it. glibc gives each thread a heap: that of the
// reading thread is given back whole.
Loaded load(const std::string& path, const Host& host) {
  Loaded loaded = std::async(std::launch::async, [&] { return Loader(host).load(path); }).get();
  if (loaded.table) loaded.table = settled(*loaded.table);
  return loaded;
}

Loaded load(const CommandLineService& service, const Host& host) {
  Report report;
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  const std::string path = host.environment("PATH").value_or(handler_path);
  const Scope scope{report, host, error ? "/" : here, {}, path};
  const NodePtr node = service_node(service);
  const std::string name = service_name(service.command);
  const Draft draft = read_service({scope, {}, name, *node}, Draft{});
  return make_table(Daemon{}, {draft}, host, report);
}

}  // namespace superd
