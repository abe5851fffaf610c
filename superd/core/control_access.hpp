// SPDX-License-Identifier: MIT
// Who may ask what on the control socket: the kernel's word on the caller against the table's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "superd/core/service.hpp"

namespace superd {

/// In order: whoever may change may read.
enum class Access : std::uint8_t { read, change };

/// A client of the control socket, with the credentials it had at connect(2).
struct ControlCaller {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary ones
  pid_t pid = 0;              // for messages only: it may be another's by now

  bool operator==(const ControlCaller&) const = default;
};

/// The most that `caller` may do; absent: nothing. Root and `own_uid`, who runs superd, may do all.
std::optional<Access> access_of(const ControlCaller& caller, const ControlSettings& settings,
                                uid_t own_uid);

/// "read", "change".
const char* name_of(Access access);

}  // namespace superd
