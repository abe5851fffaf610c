// SPDX-License-Identifier: MIT
// A number of handlers that are ready, and how long.
#include "superd/config/warm_keys.hpp"

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::int64_t most = 1000;
const Warmth standard;

void read_ready(const Value& value, Warmth& warm) {
  assign(warm.ready, read_number(value, 0, most));
}

NodePtr write_ready(const Warmth& warm) {
  return write_unless(standard.ready, warm.ready, write_number);
}

void read_idle(const Value& value, Warmth& warm) {
  assign(warm.idle, read_duration(value, Milliseconds(1)));
}

NodePtr write_idle(const Warmth& warm) {
  return write_unless(standard.idle, warm.idle, write_duration);
}

void read_always(const Value& value, Warmth& warm) { assign(warm.always, read_yes_no(value)); }

NodePtr write_always(const Warmth& warm) {
  return write_unless(standard.always, warm.always, write_yes_no);
}

constexpr Key<Warmth> keys[] = {
    {"ready", read_ready, write_ready, "0 to 1000", "0",
     "programs kept started, each waiting for a connection"},
    {"idle", read_idle, write_idle, "DURATION", "5m",
     "without a connection, after which none is kept"},
    {"always", read_always, write_always, "yes or no", "no",
     "yes: kept from the start on, with or without connections"},
};

}  // namespace

void read_warm(const Value& value, Draft& draft) {
  if (!can_keep_warm)
    return say_error(value, "programs are kept warm on x86_64 and aarch64 alone; remove it");
  Warmth warm;
  if (value.node.kind == Node::Kind::mapping)
    read_keys(value, "give a number, or a mapping such as {ready: 4, idle: 5m}", warm_keys(), warm);
  else
    read_ready(value, warm);
  draft.warm = warm;
}

NodePtr write_warm(const Draft& draft) { return write_keys(warm_keys(), draft.warm); }

std::span<const Key<Warmth>> warm_keys() { return keys; }

}  // namespace superd
