// SPDX-License-Identifier: MIT
// Everything the kernel needs to start a program for a service; no policy left in it. Made once, at
// load: what differs from one connection to the next is its socket and its PeerEnvironment.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "superd/core/service.hpp"

namespace superd {

struct LaunchPlan {
  std::string program;                   // for execve
  std::vector<std::string> arguments;    // argv
  std::vector<std::string> environment;  // "NAME=VALUE", what all connections share
  std::string directory;
  mode_t umask = 022;
  std::optional<int> nice;
  std::vector<ResourceLimit> rlimits;
  std::optional<Identity> identity;
};

/// PATH of every handler: the usual folders, whatever superd itself was started with.
inline constexpr const char* handler_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// `descriptors` is the RLIMIT_NOFILE that superd itself was started with: a handler gets it back
/// unless the service says otherwise.
LaunchPlan plan_launch(const Service& service, const rlimit& descriptors);

/// How long a program may take to wait for its input.
inline constexpr Milliseconds longest_warm_up{10'000};

/// The plan of a program that is started ahead of its connection by `starter`, the path of
/// superd-warm; all else stays.
LaunchPlan warmed_up(LaunchPlan plan, const std::string& starter);

}  // namespace superd
