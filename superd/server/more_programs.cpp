// SPDX-License-Identifier: MIT
// Of activator.hpp: what happens while programs have the sockets. More of them are started while
// somebody waits, and those that nobody is connected to are stopped.
#include <algorithm>

#include "superd/os/datagram.hpp"
#include "superd/server/activator.hpp"

namespace superd {
namespace {

constexpr Milliseconds between_looks{1'000};

// One that isn't ready yet has had no chance.
bool is_starting(const Loan::Program* program) {
  const AnnouncementPtr& says = program->session->says;
  return says && says->state == Announcement::State::starting;
}

}  // namespace

std::size_t Activator::most_programs() const {
  return handler_->service().terms->limits.instances.value_or(1);
}

bool Activator::may_start_more(const Loan& loan) const {
  const bool is_last = loan_.lock().get() == &loan;  // programs of older ones have other sockets
  return is_last && !is_retired_ && !runtime_.is_stopping && loan.resting == 0 &&
         loan.programs.size() < most_programs() &&
         std::none_of(loan.programs.begin(), loan.programs.end(), is_starting);
}

// Looks only while somebody waits, and at most every 100 ms: those who are taken at once would
// otherwise wake superd, each of them.
awaitable<void> Activator::start_more(SelfPtr self, std::weak_ptr<Loan> lent,
                                      std::shared_ptr<Loan::Bells> bells) {
  NextProgram next;
  bool has_begun = false;
  bool is_calm = false;  // at the last look nobody waited
  for (LoanPtr loan = lent.lock(); loan; loan = lent.lock()) {
    if (!self->may_start_more(*loan)) {
      loan.reset();
      has_begun = false;
      co_await bells->more.sleep_until_rung();
      continue;
    }
    const auto now = Clock::now();
    const WhoWaits who = loan->who_waits();
    if (!std::exchange(has_begun, true)) {
      next = NextProgram();
      next.started(now, who);
    } else if (next.is_due(now, who)) {
      next.started(now, who);
      co_await start_another(self, loan);
    }
    if (who.empty() && is_calm) {
      loan->ring_at_knock();
      loan.reset();
      co_await bells->more.sleep_until_rung();
      is_calm = false;
      continue;
    }
    is_calm = who.empty();
    loan.reset();
    const auto next_look = std::max(next.next_look(), now + NextProgram::shortest);
    while (!lent.expired() && Clock::now() < next_look) co_await bells->more.sleep_until(next_look);
  }
}

// Who waits and may not in is left to the programs that run: they may take them any moment, and
// superd would turn somebody else away.
awaitable<void> Activator::start_another(SelfPtr self, LoanPtr loan) {
  const ListenerPtr at = loan->knocked_at();
  if (!at || !at->lets_in()) co_return;
  const ServicePtr service = self->handler_->shared_service();
  Peer peer = UnseenPeer{to_text(at->address())};
  if (is_datagram(at->address())) {
    auto sender = first_sender(at->socket(), at->address());
    if (!sender) co_return;
    peer = std::move(*sender);
  }
  Gate::Known known;
  Gate::Verdict verdict = self->runtime_.gate.judge(*service, peer, -1, known);
  while (verdict.question != Gate::Question::none) {
    co_await ask(verdict.question, *service, peer, known, self->runtime_);
    verdict = self->runtime_.gate.judge(*service, peer, -1, known);
  }
  if (verdict.refusal || !self->may_start_more(*loan)) co_return;
  spawn(self->runtime_.loop, "hand sockets over", launch(self, at, loan, std::move(peer)),
        self->runtime_.died);
}

// Also where their service is gone, or superd is about to end: then as soon as nobody is connected.
awaitable<void> Activator::stop_idle(SelfPtr self, std::weak_ptr<Loan> lent,
                                     std::shared_ptr<Loan::Bells> bells) {
  auto next_look = Clock::now();
  auto next_count = next_look + between_looks;
  while (!lent.expired()) {
    co_await bells->end.sleep_until(next_look);
    const LoanPtr loan = lent.lock();
    if (!loan) co_return;
    if (Clock::now() >= next_count) {
      self->stop_idle_programs(*loan);
      next_count = Clock::now() + between_looks;
    }
    next_look = std::min(next_count, self->stop_unready_programs(*loan));
  }
}

// A connection may be anybody's: all of them have been idle, or none.
void Activator::stop_idle_programs(const Loan& loan) {
  const auto has_limit = [this](const Loan::Program* one) {
    return one->session->child && patience(*one->session);
  };
  if (std::none_of(loan.programs.begin(), loan.programs.end(), has_limit)) return;
  const bool is_idle = loan.is_idle().value_or(false);
  const auto now = Clock::now();
  for (Loan::Program* program : loan.programs) {
    if (!is_idle)
      program->idle_since = now;
    else if (has_limit(program) && now - program->idle_since >= *patience(*program->session))
      runtime_.supervisor.stop(*program->session->child, Stop::idle);
  }
}

// When to look again.
Clock::time_point Activator::stop_unready_programs(const Loan& loan) {
  auto next = Clock::time_point::max();
  for (const Loan::Program* program : loan.programs) {
    Session& session = *program->session;
    const HandOver* const verb = verb_of(session);
    if (!is_starting(program) || !session.child || !verb) continue;
    const auto deadline = session.child->started() + verb->start_timeout;
    if (Clock::now() >= deadline)
      runtime_.supervisor.stop(*session.child, Stop::start_timeout);
    else
      next = std::min(next, deadline);
  }
  return next;
}

// One that another superd started goes by what the table says now.
const HandOver* Activator::verb_of(const Session& session) const {
  const auto* own = std::get_if<HandOver>(&session.handler->service().activation);
  return own ? own : std::get_if<HandOver>(&handler_->service().activation);
}

std::optional<Milliseconds> Activator::patience(const Session& session) const {
  if (is_retired_) return Milliseconds(0);
  const HandOver* const verb = verb_of(session);
  return verb ? verb->stop_after : std::nullopt;
}

}  // namespace superd
