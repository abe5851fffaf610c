// SPDX-License-Identifier: MIT
// The life of the sockets of an `activate` service: they wait to be knocked at, a program gets all
// of them, and when it ends they wait again. One program at a time; one that ends at once without
// taking what waits is started again after a pause that grows, and for ever.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "superd/server/listener.hpp"

namespace superd {

class Activator : public Doorman, public std::enable_shared_from_this<Activator> {
 public:
  explicit Activator(Runtime& runtime);

  void serve(HandlerPtr handler, const std::vector<ListenerPtr>& sockets) override;
  void knocked(const ListenerPtr& at) override;
  void adopt(Session session) override;
  /// The program that runs is stopped as soon as nobody is connected to it.
  void retire() override;

 private:
  /// Sockets that a program has: nobody else watches them meanwhile.
  class Loan;
  struct Program;
  using SelfPtr = std::shared_ptr<Activator>;

  bool turn_away(Listener& at, const Peer& peer, const Refusal& refusal);
  static awaitable<void> ask_and_launch(SelfPtr self, ListenerPtr at, std::shared_ptr<Loan> loan,
                                        Peer peer, Gate::Verdict verdict);
  static awaitable<void> launch(SelfPtr self, ListenerPtr at, std::shared_ptr<Loan> loan,
                                Peer peer);
  static awaitable<std::optional<Ending>> attend(SelfPtr self, Session session,
                                                 std::shared_ptr<Loan> loan);
  bool took_nothing(Listener& at, const std::optional<std::set<std::string>>& before,
                    const std::optional<Ending>& ending);
  awaitable<void> rest(Listener& at);
  static awaitable<void> go_on(SelfPtr self, Session session, std::shared_ptr<Loan> loan);
  static awaitable<void> stop_when_idle(SelfPtr self, std::shared_ptr<Program> program,
                                        std::shared_ptr<Loan> loan);
  static std::optional<bool> is_idle(const Loan& loan);
  std::optional<Milliseconds> patience(const Session& session) const;

  Runtime& runtime_;
  HandlerPtr handler_;
  std::vector<std::weak_ptr<Listener>> sockets_;
  unsigned quick_ends_ = 0;  // in a row, with something waiting after them
  unsigned in_vain_ = 0;     // programs in a row that took nothing
  bool is_retired_ = false;
};

}  // namespace superd
