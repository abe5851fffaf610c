// SPDX-License-Identifier: MIT
// From what the administrator wrote to what the kernel is told.
#include "superd/core/launch_plan.hpp"

#include <algorithm>

namespace superd {
namespace {

std::vector<std::string> argument_list(const CommandLine& run, const Process& process) {
  std::vector<std::string> arguments = run.arguments;
  if (arguments.empty()) arguments.push_back(run.program);
  if (process.argv0) arguments.front() = *process.argv0;
  return arguments;
}

// The administrator's names win over ours: PATH may be set to something else.
std::vector<std::string> fixed_environment(const Service& service) {
  std::vector<std::string> all{"SUPERD_SERVICE=" + service.name};
  bool has_path = false;
  for (const auto& [name, value] : service.process->environment) {
    has_path = has_path || name == "PATH";
    all.push_back(name + "=" + value);
  }
  if (!has_path) all.push_back(std::string("PATH=") + handler_path);
  return all;
}

std::vector<ResourceLimit> all_limits(const Process& process, const rlimit& descriptors) {
  std::vector<ResourceLimit> limits = process.rlimits;
  const auto is_nofile = [](const ResourceLimit& l) { return l.resource == RLIMIT_NOFILE; };
  if (std::none_of(limits.begin(), limits.end(), is_nofile))
    limits.push_back({RLIMIT_NOFILE, descriptors.rlim_cur, descriptors.rlim_max});
  return limits;
}

}  // namespace

LaunchPlan plan_launch(const Service& service, const rlimit& descriptors) {
  static const CommandLine none;  // a service that starts no program
  const CommandLine* const command = command_of(service.activation);
  const CommandLine& run = command ? *command : none;
  const Process& process = service.process;
  return {.program = run.program,
          .arguments = argument_list(run, process),
          .environment = fixed_environment(service),
          .directory = process.directory,
          .umask = process.umask,
          .nice = process.nice,
          .rlimits = all_limits(process, descriptors),
          .identity = process.identity};
}

LaunchPlan warmed_up(LaunchPlan plan, const std::string& starter) {
  std::vector<std::string> arguments{"superd-warm", std::to_string(longest_warm_up.count()),
                                     std::move(plan.program)};
  arguments.insert(arguments.end(), plan.arguments.begin(), plan.arguments.end());
  plan.program = starter;
  plan.arguments = std::move(arguments);
  return plan;
}

}  // namespace superd
