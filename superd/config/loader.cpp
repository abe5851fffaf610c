// SPDX-License-Identifier: MIT
// From file to file: parse, daemon and defaults first, then includes and services as written.
#include "superd/config/loader.hpp"

#include "superd/base/text.hpp"
#include "superd/config/daemon_keys.hpp"
#include "superd/config/include.hpp"
#include "superd/config/read_service.hpp"
#include "superd/config/validate.hpp"
#include "superd/config/yaml.hpp"
#include "superd/core/launch_plan.hpp"

namespace superd {
namespace {

constexpr std::size_t most_files = 4096;
constexpr std::size_t most_bytes = 64 << 20;
constexpr std::size_t deepest_include = 8;
constexpr std::size_t most_services = 65'536;

}  // namespace

Loaded Loader::load(const std::string& path) {
  auto source = read_source(path);
  if (source) {
    const Source& kept = report_.keep(std::move(*source));
    included_.emplace(kept.id, Place{kept.file, 0, 0});
    read_parts(kept, Draft{});
  } else {
    const auto file = std::make_shared<const std::string>(path);
    report_.error({file, 0, 0}, source.error().text);
  }
  Loaded loaded = make_table(daemon_, std::move(drafts_), host_, report_);
  if (loaded.table) loaded.table->files = std::move(files_);
  return loaded;
}

void Loader::read_parts(const Source& source, const Draft& outer_defaults) {
  chain_.push_back(&source);
  bytes_ += source.text.size();
  warn_if_writable(source);
  if (const NodePtr root = parse_yaml(source, report_)) {
    // Not the PATH of whoever starts superd: a table means the same at boot and by hand.
    files_.push_back(source.file);
    const Scope scope{report_,
                      host_,
                      directory_of(*source.file),
                      daemon_.services_dir,
                      handler_path,
                      static_cast<std::uint16_t>(files_.size() - 1),
                      &lists_};
    read_root({scope, {}, {}, *root}, outer_defaults);
  }
  chain_.pop_back();
}

void Loader::read_root(const Value& root, const Draft& outer_defaults) {
  if (root.node.kind == Node::Kind::nothing) {
    report_.error({chain_.back()->file, 0, 0}, "it is empty; it needs `services:`");
    return;
  }
  FileParts parts;
  read_keys(root, "a file is a mapping with `services:`", file_keys(), parts);
  Scope scope = root.scope;
  if (parts.daemon) read_daemon(*parts.daemon, scope);
  Draft defaults = outer_defaults;
  if (parts.defaults) {
    const Value& value = *parts.defaults;
    defaults = read_defaults({scope, {}, value.key, value.node, value.key_node}, outer_defaults);
  }
  for (const Value& part : parts.others) {
    const Value value{scope, {}, part.key, part.node, part.key_node};
    part.key == "include" ? follow_includes(value, defaults) : read_services(value, defaults);
  }
  if (root.node.kind == Node::Kind::mapping && parts.others.empty()) {
    report_.error({chain_.back()->file, 0, 0}, "there is nothing to serve; add `services:`");
  }
}

void Loader::read_daemon(const Value& value, Scope& scope) {
  if (chain_.size() > 1) {
    return say_error(key_of(value), "'daemon' belongs in the main file, " +
                                        quote(*chain_.front()->file) + "; move it there");
  }
  const Value daemon{scope, "daemon", {}, value.node, value.key_node};
  read_keys(daemon, "give a mapping such as {log: {to: syslog}}", daemon_keys(), daemon_);
  scope.services_dir = daemon_.services_dir;
}

void Loader::read_services(const Value& value, const Draft& defaults) {
  const auto entries = read_mapping(value, "give a mapping of NAME: {listen: …, run: …}");
  if (!entries) return;
  for (const Value& entry : *entries) {
    const Place& place = key_of(entry).node.place;
    const auto [first, is_new] = names_.emplace(entry.key, place);
    if (!is_new) {
      say_error(key_of(entry), "service " + quote(entry.key) + " is there already, at " +
                                   to_text(first->second) + "; rename or remove one");
    }
    if (drafts_.size() == most_services) {
      return say_error(key_of(entry), "more than 65536 services; run a second superd for the rest");
    }
    drafts_.push_back(read_service(entry, defaults));
  }
}

void Loader::follow_includes(const Value& value, const Draft& defaults) {
  const std::string remedy = "give a path, a glob such as superd.d/*.yaml, or a list of them";
  for (const Value& item : read_list(value, remedy)) {
    const auto pattern = read_word(item, remedy);
    if (!pattern) continue;
    for (const std::string& path : expand_include(*pattern, *chain_.back()->file)) {
      include(item, path, defaults);
    }
  }
}

void Loader::include(const Value& value, const std::string& path, const Draft& defaults) {
  if (chain_.size() > deepest_include) {
    return say_error(value, "include of " + quote(path, 200) + ": more than 8 files in each other");
  }
  auto source = read_source(path);
  if (!source) {
    return say_error(value, "include of " + quote(path, 200) + ": " + source.error().text);
  }
  if (may_include(value, *source)) {
    included_.emplace(source->id, value.node.place);
    read_parts(report_.keep(std::move(*source)), defaults);
  }
}

bool Loader::may_include(const Value& value, const Source& source) {
  std::string circle;
  for (const Source* file : chain_) {
    if (!circle.empty() || file->id == source.id) circle += *file->file + " → ";
  }
  const auto first = included_.find(source.id);
  if (!circle.empty()) {
    say_error(value, "include goes in a circle: " + circle + *source.file + "; remove one");
  } else if (first != included_.end()) {
    say_error(value, "include of " + quote(*source.file, 200) + " a second time, first at " +
                         to_text(first->second) + "; remove one");
  } else if (included_.size() == most_files) {
    say_error(value, "more than 4096 files; put more services into one");
  } else if (bytes_ + source.text.size() > most_bytes) {
    say_error(value, "the files together are larger than 64 MiB");
  } else {
    return true;
  }
  return false;
}

void Loader::warn_if_writable(const Source& source) {
  if (host_.self().uid != 0 || (source.mode & 022) == 0) return;
  report_.warning({source.file, 0, 0},
                  "it is writable by others than its owner, and superd runs as root; chmod go-w " +
                      escape(*source.file));
}

}  // namespace superd
