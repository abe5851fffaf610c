// SPDX-License-Identifier: MIT
// What is missing, who it runs as, whether it can: one service at a time.
#include "superd/config/validate.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/config/access_keys.hpp"
#include "superd/config/identity.hpp"

namespace superd {
namespace {

std::string subject(const Draft& draft) { return "service " + quote(draft.name) + ": "; }

void check_required(const Draft& draft, Report& report) {
  if (!draft.listen) {
    report.error(draft.place,
                 subject(draft) + "there is no `listen`; add one, such as listen: 127.0.0.1:7001");
  }
  std::vector<std::string> verbs;
  if (draft.run) verbs.emplace_back("`run`");
  if (draft.activate) verbs.emplace_back("`activate`");
  if (draft.forward) verbs.emplace_back("`forward`");
  if (verbs.empty())
    report.error(draft.place, subject(draft) +
                                  "there is no verb; add `run: PROGRAM`, `activate: PROGRAM` or "
                                  "`forward: ADDRESS`");
  if (!draft.activate && draft.handoff != Handoff::both)
    report.error(draft.place, subject(draft) + "'handoff' is for `activate`; remove it");
  if (!draft.activate && (draft.ready != ReadyWhen::exec || draft.start_timeout))
    report.error(draft.place,
                 subject(draft) + "'ready' and 'start_timeout' are for `activate`; remove them");
  if (draft.activate && draft.ready != ReadyWhen::notify && draft.start_timeout)
    report.error(draft.place, subject(draft) +
                                  "'start_timeout' is for a program that says when it is ready; "
                                  "add ready: notify, or remove it");
  if (draft.forward && draft.stop_after)
    report.error(draft.place, subject(draft) + "'stop_after' is for programs; remove it");
  if (!draft.run && draft.warm != Warmth{} && !verbs.empty())
    report.error(draft.place, subject(draft) + "'warm' is for `run`; remove it");
  if (verbs.size() > 1)
    report.error(draft.verb_place, subject(draft) + "there are two verbs, " + verbs[0] + " and " +
                                       verbs[1] + "; take one away");
}

// The mode bits may say no where an access list says yes, so these are warnings.
void check_reach(const Draft& draft, const Identity& identity, const Host& host, Report& report) {
  const std::string who = subject(draft) + "user " + quote(identity.user);
  const std::string& directory = draft.process.directory;
  if (const auto fault = host.reach_fault(directory, identity)) {
    report.warning(draft.place, who + " can't enter its directory " + quote(directory) + ": " +
                                    *fault + "; change the mode, `directory` or `user`");
  }
  const auto& command = draft.activate ? draft.activate : draft.run;
  if (!command || command->program.empty()) return;
  const auto fault = host.reach_fault(command->program, identity);
  if (!fault) return;
  report.warning(draft.verb_place, who + " can't run program " + quote(command->program) + ": " +
                                       *fault + "; change the mode or `user`");
}

// What is written wins over what is passed on.
void pass_environment(Draft& draft) {
  auto& environment = draft.process.environment;
  for (auto& [name, text] : draft.passed) {
    const bool is_written =
        std::any_of(environment.begin(), environment.end(),
                    [&](const auto& variable) { return variable.first == name; });
    if (!is_written) environment.emplace_back(name, std::move(text));
  }
}

std::vector<ServicePtr> complete_services(std::vector<Draft> drafts, const Host& host,
                                          Report& report) {
  Commons commons;
  Identities identities(host, report);
  IdleRules idle_rules(report);
  std::vector<ServicePtr> services;
  services.reserve(drafts.size());
  for (Draft& draft : drafts) {
    check_required(draft, report);
    draft.process.identity = identities.complete(draft);
    if (!draft.identity.is_faulty) {
      check_reach(draft, identities.effective(draft.process.identity), host, report);
    }
    pass_environment(draft);
    idle_rules.check(draft);
    services.push_back(std::make_shared<const Service>(service_of(std::move(draft), commons)));
  }
  return services;
}

}  // namespace

Loaded make_table(const Daemon& daemon, std::vector<Draft> drafts, const Host& host,
                  Report& report) {
  ServiceTable table;
  table.daemon = daemon;
  table.services = complete_services(std::move(drafts), host, report);
  check_verbs(table.services, report);
  check_rpc(table.services, report);
  check_addresses(table.services, report);
  Loaded loaded;
  if (!report.has_errors()) loaded.table = std::move(table);
  loaded.diagnostics = report.take();
  return loaded;
}

}  // namespace superd
