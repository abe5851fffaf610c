// SPDX-License-Identifier: MIT
// What superd and superd-rpc say to each other: a list of tasks, and how each went; a line for
// each. Pure and bounded. Neither side trusts the other's bytes: what isn't exactly a message is
// none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/core/rpc.hpp"

namespace superd {

struct RpcTask {
  enum class Wish : std::uint8_t { registered, gone };
  Wish wish = Wish::registered;
  RpcRegistration registration;

  bool operator==(const RpcTask&) const = default;
};

/// It is as wished.
struct RpcDone {
  bool operator==(const RpcDone&) const = default;
};

/// rpcbind has another address there, and somebody is at it, or it isn't ours to take away.
struct RpcTaken {
  std::string address;  // as rpcbind has it
  std::string owner;

  bool operator==(const RpcTaken&) const = default;
};

/// rpcbind said no.
struct RpcRefused {
  bool operator==(const RpcRefused&) const = default;
};

using RpcOutcome = std::variant<RpcDone, RpcTaken, RpcRefused>;

/// In one request; more are several.
inline constexpr std::size_t most_rpc_tasks = 128;
/// In bytes; longer ones are no messages.
inline constexpr std::size_t longest_rpc_request = 16384;
inline constexpr std::size_t longest_rpc_answer = 32768;

/// Who rpcbind says it is that registers as this user.
std::string rpc_owner(std::uint32_t uid);

/// What a stranger wrote into rpcbind's table, as a word that can stand in a message.
std::string as_rpc_word(std::string_view text);

std::string encode(const std::vector<RpcTask>& tasks);        // "set 100001 3 tcp 0.0.0.0.4.1\n…"
std::string encode(const std::vector<RpcOutcome>& outcomes);  // "done\ntaken 0.0.0.0.3.33 1000\n…"
/// The answer where rpcbind can't be talked to.
std::string encode(const Error& failure);  // "failed WHY"

std::optional<std::vector<RpcTask>> parse_rpc_request(std::string_view message);
/// As many outcomes as there were tasks, or the error that was the answer. Absent: it is none.
std::optional<Result<std::vector<RpcOutcome>>> parse_rpc_answer(std::string_view message,
                                                                std::size_t tasks);

}  // namespace superd
