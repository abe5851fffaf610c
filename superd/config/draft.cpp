// SPDX-License-Identifier: MIT
// From drafts to services, and back.
#include "superd/config/draft.hpp"

#include <algorithm>

#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

Activation activation_of(Draft& draft) {
  if (draft.forward) return Forward{std::move(*draft.forward)};
  if (auto& command = draft.activate) {
    command->arguments.shrink_to_fit();
    HandOver verb{std::move(*command), draft.handoff, draft.stop_after, draft.ready};
    if (draft.start_timeout) verb.start_timeout = *draft.start_timeout;
    return verb;
  }
  auto command = draft.run ? std::move(*draft.run) : CommandLine();
  command.arguments.shrink_to_fit();
  return RunHandler{std::move(command), draft.stop_after, draft.warm};
}

}  // namespace

void set_origin(std::vector<Origin>& origins, const Origin& origin) {
  const auto at = std::lower_bound(origins.begin(), origins.end(), origin,
                                   [](const Origin& a, const Origin& b) { return a.key < b.key; });
  if (at != origins.end() && at->key == origin.key) {
    *at = origin;
  } else {
    origins.insert(at, origin);
  }
}

Service service_of(Draft draft, Commons& commons) {
  Service service;
  service.name = std::move(draft.name);
  service.description = std::move(draft.description);
  service.enabled = draft.enabled;
  if (draft.listen) service.listen = std::move(*draft.listen);
  for (Listen& listen : service.listen) listen.options = commons.options.share(*listen.options);
  service.listen.shrink_to_fit();
  service.activation = activation_of(draft);
  service.rpc = std::move(draft.rpc);
  service.process = commons.processes.share(draft.process);
  service.terms = commons.terms.share(draft.terms);
  service.place = std::move(draft.place);
  service.origins = std::move(draft.origins);
  service.origins.shrink_to_fit();
  return service;
}

Draft draft_of(const Service& service) {
  Draft draft;
  draft.name = service.name;
  draft.place = service.place;
  draft.description = service.description;
  draft.enabled = service.enabled;
  draft.listen = service.listen;
  std::visit(Overloaded{[&](const RunHandler& run) {
                          draft.run = run;
                          draft.warm = run.warm;
                          draft.stop_after = run.stop_after;
                        },
                        [&](const HandOver& hand_over) {
                          draft.activate = hand_over;
                          draft.handoff = hand_over.handoff;
                          draft.stop_after = hand_over.stop_after;
                          draft.ready = hand_over.ready;
                          if (hand_over.start_timeout != HandOver().start_timeout)
                            draft.start_timeout = hand_over.start_timeout;
                        },
                        [&](const Forward& forward) { draft.forward = *forward.rules; }},
             service.activation);
  draft.rpc = service.rpc;
  draft.process = *service.process;
  draft.terms = *service.terms;
  if (const auto& identity = service.process->identity) {
    draft.identity.user = Account{identity->user, identity->uid, identity->gid};
    draft.identity.group = identity->gid;
    draft.identity.groups = {false, identity->groups};
  }
  draft.origins = service.origins;
  return draft;
}

}  // namespace superd
