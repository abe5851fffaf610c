// SPDX-License-Identifier: MIT
// A service is one line for people, whatever rpcbind has of it.
#include "superd/core/rpc_book.hpp"

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

// An address as people write it; rpcbind takes anything for one.
std::string place_of(const std::string& address) {
  const auto endpoint = parse_universal_address(address);
  return endpoint ? to_text(*endpoint) : address;
}

std::string command_to_remove(const RpcKey& key) {
  return "rpcinfo -d " + std::to_string(key.program) + " " + std::to_string(key.version);
}

std::string fault_text(const RpcKey& key, const RpcOutcome& outcome) {
  return std::visit(Overloaded{[](const RpcDone&) { return std::string(); },
                               [&](const RpcRefused&) {
                                 return "rpcbind refuses program " + to_text(key) +
                                        ": see its own log, and who may register there";
                               },
                               [&](const RpcTaken& taken) {
                                 return "rpcbind has program " + to_text(key) + " at " +
                                        place_of(taken.address) + ", registered by " + taken.owner +
                                        ", and that stays; end that server, or "
                                        "remove what it left: " +
                                        command_to_remove(key);
                               }},
                    outcome);
}

std::string with_more(std::string text, std::size_t more) {
  return more == 0 ? text : text + " (and " + std::to_string(more) + " more like this)";
}

}  // namespace

void RpcBook::hold(const std::vector<RpcRegistration>& registrations) {
  held_.insert(registrations.begin(), registrations.end());
}

std::vector<RpcTask> RpcBook::tasks() const {
  std::vector<RpcTask> all;
  for (const RpcRegistration& one : held_) {
    const auto wish = wishes_.find(one.key);
    const bool stays = wish != wishes_.end() && wish->second.address == one.address;
    if (!stays) all.push_back({RpcTask::Wish::gone, one});
  }
  for (const auto& [key, wish] : wishes_)
    all.push_back({RpcTask::Wish::registered, {key, wish.address}});
  return all;
}

void RpcBook::begin(const std::vector<RpcTask>& tasks) {
  for (const auto& [wish, registration] : tasks)
    if (wish == RpcTask::Wish::registered) held_.insert(registration);
}

std::vector<Notice> RpcBook::take(const std::vector<RpcTask>& tasks,
                                  const std::vector<RpcOutcome>& outcomes) {
  faults_.clear();
  for (std::size_t i = 0; i < tasks.size(); ++i) note(tasks[i], outcomes[i]);
  return news();
}

// What rpcbind doesn't let go of, it wouldn't the next time.
void RpcBook::note(const RpcTask& task, const RpcOutcome& outcome) {
  const bool is_wished = task.wish == RpcTask::Wish::registered;
  const bool is_done = std::holds_alternative<RpcDone>(outcome);
  if (is_wished && is_done) return void(held_.insert(task.registration));
  held_.erase(task.registration);
  const RpcKey& key = task.registration.key;
  if (is_wished) faults_.emplace(key, fault_text(key, outcome));
}

std::vector<Notice> RpcBook::news() {
  struct Count {
    std::size_t good = 0, bad = 0;
    std::string fault;
    std::uint32_t program = 0;
  };
  std::map<std::string, Count> counts;
  for (const auto& [key, wish] : wishes_) {
    Count& count = counts[wish.service];
    count.program = key.program;
    const auto fault = faults_.find(key);
    if (fault == faults_.end()) {
      ++count.good;
    } else if (++count.bad == 1) {
      count.fault = fault->second;
    }
  }
  std::vector<Notice> news;
  std::map<std::string, Notice> said;
  for (const auto& [service, count] : counts) {
    const std::string good = "registered with rpcbind: program " + std::to_string(count.program) +
                             ", " + count_of(count.good, "address");
    Notice notice = {LogLevel::info, good, service};
    if (count.bad > 0) notice = {LogLevel::warning, with_more(count.fault, count.bad - 1), service};
    const auto before = said_.find(service);
    if (before == said_.end() || before->second.text != notice.text) news.push_back(notice);
    said.emplace(service, std::move(notice));
  }
  said_ = std::move(said);
  return news;
}

}  // namespace superd
