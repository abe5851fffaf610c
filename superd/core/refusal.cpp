// SPDX-License-Identifier: MIT
// Names of reasons, and the keys behind them.
#include "superd/core/refusal.hpp"

namespace superd {

const char* name_of(Reason reason) {
  switch (reason) {
    case Reason::ban:
      return "ban";
    case Reason::address:
      return "address";
    case Reason::name:
      return "name";
    case Reason::hosts_access:
      return "hosts_access";
    case Reason::hours:
      return "hours";
    case Reason::load:
      return "load";
    case Reason::daemon_instances:
      return "daemon_instances";
    case Reason::instances:
      return "instances";
    case Reason::per_source:
      return "per_source";
    case Reason::rate:
      return "rate";
    case Reason::rate_per_source:
      return "rate_per_source";
  }
  return "";
}

const char* key_of(Reason reason) {
  switch (reason) {
    case Reason::ban:
    case Reason::address:
    case Reason::name:
      return "";
    case Reason::hosts_access:
      return "hosts_access";
    case Reason::hours:
      return "hours";
    case Reason::daemon_instances:
      return "daemon";
    case Reason::load:
    case Reason::instances:
    case Reason::per_source:
    case Reason::rate:
    case Reason::rate_per_source:
      break;
  }
  return "limits";
}

std::string to_text(const Refusal& refusal) {
  std::string text = std::string(name_of(refusal.reason)) + ": " + refusal.rule;
  if (refusal.place.line > 0) text += " (" + to_text(refusal.place) + ")";
  return text;
}

}  // namespace superd
