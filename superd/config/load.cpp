// SPDX-License-Identifier: MIT
// Both ways in. The command line is made into the nodes that a file would give, and read as one.
#include "superd/config/load.hpp"

#include <filesystem>
#include <future>
#include <system_error>

#include "superd/config/loader.hpp"
#include "superd/config/read_service.hpp"
#include "superd/config/validate.hpp"
#include "superd/core/launch_plan.hpp"

namespace superd {
namespace {

NodePtr word(const std::string& text) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::word;
  node->word = text;
  return node;
}

NodePtr list(const std::vector<std::string>& words) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::list;
  for (const std::string& text : words) node->items.push_back(word(text));
  return node;
}

// What a file would say. No place: to_text says "command line".
NodePtr service_node(const CommandLineService& service) {
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::mapping;
  node->entries.push_back({word("listen"), list(service.listen)});
  node->entries.push_back({word("run"), list(service.command)});
  if (service.user) node->entries.push_back({word("user"), word(*service.user)});
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
