// SPDX-License-Identifier: MIT
// Why a peer was not admitted: a value, in the words of the table. Absent: it was.
#pragma once

#include <cstdint>
#include <string>

#include "superd/base/place.hpp"

namespace superd {

/// In the order in which they are asked. Their names, as keys are spelt, are in logs, metrics and
/// scripts: they stay.
enum class Reason : std::uint8_t {
  ban,
  address,  // or the user at the other end of a UNIX socket
  name,
  hosts_access,
  hours,
  load,
  daemon_instances,
  instances,
  per_source,
  rate,
  rate_per_source
};

/// "ban", "address", "name", "hosts_access", "hours", "load", "daemon_instances", "instances",
/// "per_source", "rate", "rate_per_source".
const char* name_of(Reason reason);

/// The key that can say so: "limits", "hours"; "" for a ban and for rules, which have places of
/// their own.
const char* key_of(Reason reason);

struct Refusal {
  Reason reason = Reason::address;
  /// What decided: "deny 192.0.2.0/24", "not in allow", "2 of 2 are running", "10/s burst 20".
  std::string rule;
  Place place;  // of a rule; no line: of a limit, which the service's origins know

  bool operator==(const Refusal& other) const {
    return reason == other.reason && rule == other.rule && place.file == other.place.file &&
           place.line == other.place.line;
  }
};

/// "address: deny 192.0.2.0/24 (superd.yaml:9)".
std::string to_text(const Refusal& refusal);

}  // namespace superd
