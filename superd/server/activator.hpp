// SPDX-License-Identifier: MIT
// The life of the sockets of an `activate` service: they wait to be knocked at, a program gets all
// of them, and when it ends they wait again. One program at a time, or as many as the service lets
// run while somebody waits nevertheless (core/next_program). One that ends at once without taking
// what waits is started again after a pause that grows, and for ever.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "superd/server/loan.hpp"

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
  using SelfPtr = std::shared_ptr<Activator>;
  using LoanPtr = std::shared_ptr<Loan>;

  bool turn_away(Listener& at, const Peer& peer, const Refusal& refusal);
  static awaitable<void> ask_and_launch(SelfPtr self, ListenerPtr at, LoanPtr loan, Peer peer,
                                        Gate::Verdict verdict);
  static awaitable<void> launch(SelfPtr self, ListenerPtr at, LoanPtr loan, Peer peer);
  static AnnouncementPtr announcement(const LoanPtr& loan, Announcement known = {});
  static awaitable<std::optional<Ending>> attend(SelfPtr self, Session session, LoanPtr loan);
  bool took_nothing(Listener& at, const std::optional<WhoWaits>& before,
                    const std::optional<Ending>& ending);
  awaitable<void> rest(Listener& at, Loan& loan);
  static awaitable<void> go_on(SelfPtr self, Session session, LoanPtr loan);

  LoanPtr lend() const;
  std::size_t most_programs() const;
  void look_after(const LoanPtr& loan);
  static awaitable<void> start_more(SelfPtr self, std::weak_ptr<Loan> lent,
                                    std::shared_ptr<Loan::Bells> bells);
  bool may_start_more(const Loan& loan) const;
  static awaitable<void> start_another(SelfPtr self, LoanPtr loan);

  static awaitable<void> stop_idle(SelfPtr self, std::weak_ptr<Loan> lent,
                                   std::shared_ptr<Loan::Bells> bells);
  void stop_idle_programs(const Loan& loan);
  Clock::time_point stop_unready_programs(const Loan& loan);
  const HandOver* verb_of(const Session& session) const;
  std::optional<Milliseconds> patience(const Session& session) const;

  Runtime& runtime_;
  HandlerPtr handler_;
  std::vector<std::weak_ptr<Listener>> sockets_;
  std::weak_ptr<Loan> loan_;  // the last, while a program has it
  unsigned quick_ends_ = 0;   // in a row, with something waiting after them
  unsigned in_vain_ = 0;      // programs in a row that took nothing
  bool is_retired_ = false;
};

}  // namespace superd
