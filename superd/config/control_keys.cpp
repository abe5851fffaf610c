// SPDX-License-Identifier: MIT
// The tables of `control` and `control_access`, and their readers.
#include "superd/config/control_keys.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr const char* control_form =
    "give a path, none, or a mapping such as {path: /run/superd.sock, group: staff, mode: 0660}";
constexpr const char* accounts_form = "give users, and groups as \"@staff\"";

void read_path(const Value& value, ControlSettings& control) {
  const auto word = read_word(value, "give a path");
  if (!word) return;
  // A slip such as `non` must not become a socket somewhere.
  if (word->find('/') == word->npos) return say_fault(value, "give a path with a slash");
  const std::string path = absolute_path(value.scope, *word);
  if (path.size() > longest_unix_path) {
    return say_fault(value, "the path of a UNIX socket has at most " +
                                std::to_string(longest_unix_path) + " bytes, and this one has " +
                                std::to_string(path.size()) + "; give a shorter one");
  }
  control.path = path;
}

NodePtr write_path(const ControlSettings& control) { return write_if(control.path, write_word); }

void read_owner(const Value& value, ControlSettings& control) {
  const auto name = read_word(value, "give the name or number of a user");
  if (!name) return;
  const auto account = value.scope.host.user(*name);
  if (!account) return say_fault(value, "no such user; give one that exists");
  control.owner = account->uid;
}

NodePtr write_owner(const ControlSettings& control) {
  return write_if(control.owner, write_number);
}

void read_group(const Value& value, ControlSettings& control) {
  const auto name = read_word(value, "give the name or number of a group");
  if (!name) return;
  const auto group = value.scope.host.group(*name);
  if (!group) return say_fault(value, "no such group; give one that exists");
  control.group = group;
}

NodePtr write_group(const ControlSettings& control) {
  return write_if(control.group, write_number);
}

void read_mode(const Value& value, ControlSettings& control) {
  assign(control.mode, read_octal(value, 0777));
}

NodePtr write_mode(const ControlSettings& control) { return write_if(control.mode, write_octal); }

template <class Id>
void add_once(std::vector<Id>& ids, Id id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

void add_account(const Value& item, Accounts& accounts) {
  const auto word = read_word(item, accounts_form);
  if (!word) return;
  if (word->starts_with('@')) {
    const auto group = item.scope.host.group(std::string_view(*word).substr(1));
    if (!group) return say_fault(item, "no such group; give one that exists");
    add_once(accounts.groups, *group);
  } else {
    const auto account = item.scope.host.user(*word);
    if (!account) {
      return say_fault(item, "no such user; give one that exists, or a group as \"@staff\"");
    }
    add_once(accounts.users, account->uid);
  }
}

template <Accounts ControlSettings::*accounts>
void read_accounts(const Value& value, ControlSettings& control) {
  control.*accounts = {};
  for (const Value& item : read_list(value, accounts_form)) {
    add_account(item, control.*accounts);
  }
}

template <Accounts ControlSettings::*accounts>
NodePtr write_accounts(const ControlSettings& control) {
  std::vector<NodePtr> items;
  for (const uid_t user : (control.*accounts).users) items.push_back(write_number(user));
  for (const gid_t group : (control.*accounts).groups) {
    items.push_back(write_word("@" + std::to_string(group)));
  }
  return items.empty() ? nullptr : write_list(std::move(items));
}

constexpr Key<ControlSettings> of_control[] = {
    {"path", read_path, write_path, "PATH",
     "control.sock in the run-time directory of whoever runs superd", "the socket; it has a slash"},
    {"owner", read_owner, write_owner, "USER", "whoever runs superd", "who owns the socket's path"},
    {"group", read_group, write_group, "GROUP", "that of superd", "the group of the socket's path"},
    {"mode", read_mode, write_mode, "OCTAL", "0600; 0666 where control_access names anybody",
     "who may connect to the socket's path"},
};

constexpr Key<ControlSettings> of_access[] = {
    {"read", read_accounts<&ControlSettings::read>, write_accounts<&ControlSettings::read>,
     "list of users and @groups", "", "who may look, besides root and whoever runs superd"},
    {"change", read_accounts<&ControlSettings::change>, write_accounts<&ControlSettings::change>,
     "list of users and @groups", "", "who may also change what runs"},
};

}  // namespace

std::span<const Key<ControlSettings>> control_keys() { return of_control; }
std::span<const Key<ControlSettings>> control_access_keys() { return of_access; }

void read_control(const Value& value, Daemon& daemon) {
  ControlSettings& control = daemon.control;
  if (value.node.kind == Node::Kind::mapping) {
    const Value mapping{value.scope, "daemon.control", value.key, value.node, value.key_node};
    read_keys(mapping, control_form, control_keys(), control);
  } else if (value.node.kind != Node::Kind::word) {
    say_fault(value, control_form);
  } else if (value.node.word == "none") {
    control.enabled = false;
  } else {
    read_path(value, control);
  }
}

void read_control_access(const Value& value, Daemon& daemon) {
  const Value mapping{value.scope, "daemon.control_access", value.key, value.node, value.key_node};
  read_keys(mapping, "give a mapping such as {read: [alice, \"@staff\"], change: [root]}",
            control_access_keys(), daemon.control);
}

NodePtr write_control(const Daemon& daemon) {
  if (!daemon.control.enabled) return write_word("none");
  const NodePtr mapping = write_keys(control_keys(), daemon.control);
  const bool is_path = mapping && mapping->entries.size() == 1 && daemon.control.path;
  return is_path ? mapping->entries.front().value : mapping;
}

NodePtr write_control_access(const Daemon& daemon) {
  return write_keys(control_access_keys(), daemon.control);
}

}  // namespace superd
