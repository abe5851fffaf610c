// SPDX-License-Identifier: MIT
// superd-rpc: talks to rpcbind for superd, which must never wait. Started by superd without
// privileges, with a conversation (core/rpc_message) as stdin, which begins with a connection to
// rpcbind that superd opened; when the conversation ends, so does this.
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <optional>

#include "superd/os/message_socket.hpp"
#include "superd/os/socket_diag.hpp"
#include "superd/own_main.hpp"
#include "superd/rpc/rpcbind.hpp"

namespace superd {
namespace {

// superd is gone, or another took its place: what it wished may hold no more.
bool has_ended(int conversation) {
  pollfd one{conversation, 0, 0};
  return poll(&one, 1, 0) > 0 && (one.revents & (POLLHUP | POLLERR)) != 0;
}

// Where the kernel doesn't tell, somebody may be there. An address that is none has nobody.
bool is_served(const RpcRegistration& registration) {
  const auto endpoint = parse_universal_address(registration.address);
  if (!endpoint) return false;
  const auto transport =
      registration.key.netid.starts_with("udp") ? Transport::udp : Transport::tcp;
  const auto sockets = listening_sockets(transport, endpoint->port);
  return !sockets || !sockets->empty();
}

using Table = std::map<RpcKey, RpcEntry>;

Result<bool> unset(Rpcbind& rpcbind, Table& table, const RpcKey& key) {
  table.erase(key);
  return rpcbind.unset(key);
}

Result<bool> set(Rpcbind& rpcbind, Table& table, const RpcEntry& entry) {
  table.insert_or_assign(entry.registration.key, entry);
  return rpcbind.set(entry.registration);
}

Result<RpcOutcome> outcome_of(Rpcbind& rpcbind, Table& table, const RpcTask& task,
                              const std::string& self) {
  const RpcKey& key = task.registration.key;
  const auto found = table.find(key);
  const RpcEntry* const present = found == table.end() ? nullptr : &found->second;
  const RpcMove move = move_for(task, present, self, is_served);
  if (move == RpcMove::leave)
    return RpcOutcome(RpcTaken{present->registration.address, present->owner});
  Result<bool> is_done(true);
  if (move == RpcMove::unset || move == RpcMove::replace) is_done = unset(rpcbind, table, key);
  if (is_done && *is_done && (move == RpcMove::set || move == RpcMove::replace))
    is_done = set(rpcbind, table, {task.registration, self});
  if (!is_done) return is_done.error();
  return *is_done ? RpcOutcome(RpcDone{}) : RpcOutcome(RpcRefused{});
}

Result<std::vector<RpcOutcome>> outcomes_of(Rpcbind& rpcbind, const std::vector<RpcTask>& tasks,
                                            const std::string& self) {
  const auto entries = rpcbind.table();
  if (!entries) return entries.error();
  Table table;
  for (const RpcEntry& one : *entries) table.emplace(one.registration.key, one);
  std::vector<RpcOutcome> outcomes;
  for (const RpcTask& task : tasks) {
    if (has_ended(STDIN_FILENO)) return Error{"superd is gone", 0};
    auto outcome = outcome_of(rpcbind, table, task, self);
    if (!outcome) return outcome.error();
    outcomes.push_back(std::move(*outcome));
  }
  return outcomes;
}

int serve(const std::string& self) {
  UniqueFd connection;
  std::optional<Rpcbind> rpcbind;
  for (;;) {
    auto delivery = receive_delivery(STDIN_FILENO, longest_rpc_request);
    if (!delivery) return fail(delivery.error().text);
    if (delivery->message.empty()) return 0;
    const auto tasks = parse_rpc_request(delivery->message);
    if (!tasks || delivery->descriptors.size() != (rpcbind ? 0 : 1))
      return fail("superd sent what is no request: is it another version?");
    if (!rpcbind) {
      connection = std::move(delivery->descriptors.front());
      auto made = Rpcbind::on(connection.get());
      if (!made) return fail(made.error().text);
      rpcbind = std::move(*made);
    }
    const auto outcomes = outcomes_of(*rpcbind, *tasks, self);
    const auto sent =
        send_message(STDIN_FILENO, outcomes ? encode(*outcomes) : encode(outcomes.error()));
    if (!sent) return 0;  // nobody is left to hear it
  }
}

int rpc_main() {
  const char* const self = getenv("RPCBIND_OWNER");
  if (!self) return not_for_people("superd-rpc");
  return run_own_program("superd-rpc", [self] { return serve(self); });
}

}  // namespace
}  // namespace superd

int main() { return superd::rpc_main(); }
