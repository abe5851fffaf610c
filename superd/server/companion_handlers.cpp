// SPDX-License-Identifier: MIT
// Limits and environment.
#include "superd/server/companion_handlers.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace superd {
namespace {

constexpr rlim_t megabyte = 1024 * 1024;
// Sanitizers reserve terabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr rlim_t most_memory = RLIM_INFINITY;
#else
constexpr rlim_t most_memory = 256 * megabyte;
#endif

// No RLIMIT_NPROC: it counts whatever else runs as the same user.
const std::vector<ResourceLimit> small_limits = {
    {RLIMIT_NOFILE, 64, 64},
    {RLIMIT_CORE, 0, 0},
    {RLIMIT_AS, most_memory, most_memory},
    {RLIMIT_FSIZE, megabyte, megabyte},
    {RLIMIT_STACK, megabyte, megabyte},
    {RLIMIT_MEMLOCK, 0, 0},
};

// The resolver would wait 5 s for a packet that is lost, and then it is too late. A name is what it
// is: with a list of domains to search, a stranger's "www" could be taken for ours.
std::vector<std::pair<std::string, std::string>> resolver_environment() {
  const char* const options = getenv("RES_OPTIONS");
  return {{"RES_OPTIONS", options ? options : "timeout:2 attempts:2"}, {"LOCALDOMAIN", "."}};
}

HandlerPtr handler_of(const std::string& name, const std::string& program,
                      const std::string& service_name, Process process, const rlimit& descriptors) {
  process.umask = 077;
  auto service = std::make_shared<Service>();
  service->name = service_name;
  service->activation = RunHandler{program, {name}};
  service->process = std::move(process);
  return std::make_shared<Handler>(std::move(service), descriptors);
}

}  // namespace

std::string companion_program(const std::string& superd, const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(superd).parent_path();
  std::error_code error;
  const auto beside = folder / name;
  if (std::filesystem::exists(beside, error)) return beside.string();
  return (folder.parent_path() / "lib/superd" / name).string();
}

HandlerPtr lookup_handler(const std::string& program, std::optional<Identity> identity,
                          const rlimit& descriptors) {
  Process process;
  process.identity = std::move(identity);
  process.environment = resolver_environment();
  process.rlimits = small_limits;
  process.stop_signal = SIGKILL;  // it has nothing to lose
  process.stop_grace = Milliseconds(0);
  return handler_of("superd-lookup", program, "superd-lookup", std::move(process), descriptors);
}

// Asked to end, it says of all its connections how far they got.
HandlerPtr relay_handler(const std::string& program, std::optional<Identity> identity,
                         const rlimit& descriptors, const std::string& service) {
  Process process;
  process.identity = std::move(identity);
  process.rlimits = {{RLIMIT_NOFILE, descriptors.rlim_max, descriptors.rlim_max},
                     {RLIMIT_CORE, 0, 0},
                     {RLIMIT_FSIZE, megabyte, megabyte},
                     {RLIMIT_MEMLOCK, 0, 0}};
  process.stop_grace = Milliseconds(2000);
  return handler_of("superd-relay", program, service, std::move(process), descriptors);
}

}  // namespace superd
