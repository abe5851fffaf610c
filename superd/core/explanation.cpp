// SPDX-License-Identifier: MIT
// An explanation for people. The first line is the verdict; scripts take JSON.
#include "superd/base/text.hpp"
#include "superd/core/admission.hpp"

namespace superd {
namespace {

std::string rule_to_text(const AppliedRule& rule) {
  std::string text = (rule.allows ? "allow " : "deny ") + rule.rule;
  if (rule.place.line > 0) text += " (" + to_text(rule.place) + ")";
  return text;
}

std::string verdict_to_text(const Explanation& explanation) {
  if (const Refusal* refusal = explanation.verdict()) return "refused by " + to_text(*refusal);
  if (explanation.rules.empty()) return "admitted; no rule is against it";
  return "admitted by " + rule_to_text(explanation.rules.front());
}

std::string asked_reasons(const Explanation& explanation) {
  std::string text;
  for (const Explanation::Step& step : explanation.steps) {
    if (!step.is_asked) continue;
    if (!text.empty()) text += ", ";
    text += std::string(name_of(step.reason)) + (step.refusal ? " no" : " yes");
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::string to_text(const Explanation& explanation) {
  std::string text = "service '" + explanation.service + "', " + explanation.peer + ": " +
                     verdict_to_text(explanation) + "\n";
  if (explanation.needs_name) {
    text += "  its name was not looked up: rules for names may decide otherwise\n";
  }
  if (const Refusal* next = explanation.next()) {
    text += "  would refuse next: " + to_text(*next) + "\n";
  }
  for (std::size_t i = 1; i < explanation.rules.size(); ++i) {
    text += (i == 1 ? "  next rule: " : "  then: ") + rule_to_text(explanation.rules[i]) + "\n";
  }
  text += "  asked: " + asked_reasons(explanation) + "\n";
  text += "  running: " + std::to_string(explanation.usage.instances) + " of the service, " +
          std::to_string(explanation.usage.per_source) + " for " + explanation.source + ", " +
          std::to_string(explanation.all_instances) + " in all\n";
  return text;
}

}  // namespace superd
