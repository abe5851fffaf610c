// SPDX-License-Identifier: MIT
// Each item read as an address or a mapping; then options against the kind of socket.
#include "superd/config/listen.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/config/listen_address.hpp"
#include "superd/config/listen_keys.hpp"

namespace superd {
namespace {

constexpr const char* listen_form =
    "give an address, a mapping with `address` and options, or a list of them";

// Options of another kind would silently do nothing.
bool fits(const Value& mapping, const ListenDraft& listen) {
  if (listen.addresses.empty()) return true;
  const BindAddress& address = listen.addresses.front();
  bool good = true;
  for (const Entry& entry : mapping.node.entries) {
    const std::string& option = entry.key->word;
    if (find_key(listen_keys(), option) == nullptr || is_for(option, address)) continue;
    const Value key{mapping.scope, mapping.subject, option, *entry.key};
    say_error(key, quote(option) + " is for " + kinds_of(option) + " and this is " +
                       to_text(address) + "; remove it");
    good = false;
  }
  return good;
}

Value value_at(const Value& mapping, const Entry& entry) {
  return {mapping.scope, mapping.subject, entry.key->word, *entry.value};
}

// One that comes later is waited for by `retry`.
bool has_interfaces(const Value& mapping, const ListenDraft& listen) {
  const auto is_missing = [&](const std::string& name) {
    return !name.empty() && !mapping.scope.host.has_interface(name);
  };
  const auto& groups = listen.options.multicast;
  const bool of_group = std::any_of(groups.begin(), groups.end(), [&](const MulticastGroup& one) {
    return is_missing(one.interface);
  });
  bool good = true;
  for (const Entry& entry : mapping.node.entries) {
    const bool missing = (entry.key->word == "device" && is_missing(listen.options.device)) ||
                         (entry.key->word == "multicast" && of_group);
    if (!missing || listen.options.retry) continue;
    say_fault(value_at(mapping, entry),
              "this machine has no such interface; ip link shows them; or add retry: yes");
    good = false;
  }
  return good;
}

// A socket of one family hears nothing of the other's groups.
bool has_families(const Value& mapping, const ListenDraft& listen) {
  for (const BindAddress& address : listen.addresses) {
    const auto* inet = std::get_if<InetAddress>(&address);
    if (inet == nullptr || inet->family == IpFamily::dual) continue;
    for (const MulticastGroup& group : listen.options.multicast) {
      if (group.address.v6 == (inet->family == IpFamily::v6)) continue;
      say_error(mapping, "'multicast': " + to_text(group.address) + " is " +
                             (group.address.v6 ? "IPv6" : "IPv4") + " and " + to_text(address) +
                             " is not; give an address of its family, such as udp:PORT");
      return false;
    }
  }
  return true;
}

// v6only decides the family where the address leaves it open: `79` becomes IPv6 alone, `[::]:79`
// both.
bool apply_v6only(const Value& value, InetAddress& address, bool v6only) {
  const bool is_open = !address.host && address.family != IpFamily::v4;
  if (is_open) address.family = v6only ? IpFamily::v6 : IpFamily::dual;
  if (address.family == IpFamily::v4) {
    say_error(value,
              "'v6only' is for IPv6, and " + to_text(BindAddress(address)) + " is IPv4; remove it");
    return false;
  }
  return true;
}

std::vector<Listen> sockets_of(const Value& value, ListenDraft listen) {
  std::vector<Listen> sockets;
  for (BindAddress& address : listen.addresses) {
    auto* inet = std::get_if<InetAddress>(&address);
    if (inet != nullptr && listen.options.v6only) {
      if (!apply_v6only(value, *inet, *listen.options.v6only)) return {};
    }
    sockets.push_back({address, listen.options, listen.address_place});
  }
  return sockets;
}

std::vector<Listen> read_one(const Value& value) {
  ListenDraft listen;
  if (value.node.kind == Node::Kind::mapping) {
    read_keys(value, listen_form, listen_keys(), listen);
    if (!listen.has_address) say_error(value, "'listen' has no `address`; add it");
    if (!fits(value, listen) || !has_interfaces(value, listen) || !has_families(value, listen))
      return {};
  } else if (value.node.kind == Node::Kind::list) {
    say_fault(value, listen_form);
  } else {
    listen.address_place = value.node.place;
    listen.addresses = read_bind_addresses(value);
  }
  return sockets_of(value, std::move(listen));
}

NodePtr write_one(const Listen& listen) {
  const NodePtr mapping =
      write_keys(listen_keys(), ListenDraft{true, {listen.address}, {}, listen.options});
  return mapping->entries.size() == 1 ? mapping->entries.front().value : mapping;
}

}  // namespace

void read_listen(const Value& value, Draft& draft) {
  draft.listen.emplace();
  const bool is_empty = value.node.kind == Node::Kind::list && value.node.items.empty();
  if (is_empty) return say_error(value, "'listen' is an empty list; " + std::string(listen_form));
  for (const Value& item : read_list(value, listen_form)) {
    for (Listen& socket : read_one(item)) draft.listen->push_back(std::move(socket));
  }
}

NodePtr write_listen(const Draft& draft) {
  if (!draft.listen) return nullptr;
  std::vector<NodePtr> items;
  for (const Listen& listen : *draft.listen) items.push_back(write_one(listen));
  return items.size() == 1 ? items.front() : write_list(std::move(items));
}

}  // namespace superd
