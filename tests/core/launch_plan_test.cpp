// SPDX-License-Identifier: MIT
// From a service to what the kernel is told.
#include "superd/core/launch_plan.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

constexpr rlimit at_start{1024, 4096};

Service hello() {
  Service service;
  service.name = "hello";
  service.activation = RunHandler{"/bin/hello", {"hello", "--loud"}};
  return service;
}

using Strings = std::vector<std::string>;

const std::string default_path = std::string("PATH=") + handler_path;

}  // namespace

TEST_CASE("a plain service is launched with the contract's defaults") {
  const LaunchPlan plan = plan_launch(hello(), at_start);
  CHECK(plan.program == "/bin/hello");
  CHECK(plan.arguments == Strings{"hello", "--loud"});
  CHECK(plan.environment == Strings{"SUPERD_SERVICE=hello", default_path});
  CHECK(plan.directory == "/");
  CHECK(plan.umask == 022);
  CHECK(!plan.nice);
  CHECK(!plan.identity);
}

TEST_CASE("argv begins with the words as written, the program, or argv0") {
  struct Row {
    Strings arguments;
    std::optional<std::string> argv0;
    Strings argv;
  };
  const Row row = GENERATE(values<Row>({
      {{}, {}, {"/bin/hello"}},
      {{}, "hi", {"hi"}},
      {{"hello", "-x"}, {}, {"hello", "-x"}},
      {{"hello", "-x"}, "hi", {"hi", "-x"}},
      {{"hello", ""}, "", {"", ""}},
  }));
  Service service = hello();
  std::get<RunHandler>(service.activation).arguments = row.arguments;
  service.process.edit([&](Process& process) { process.argv0 = row.argv0; });
  const LaunchPlan plan = plan_launch(service, at_start);
  CHECK(plan.program == "/bin/hello");
  CHECK(plan.arguments == row.argv);
}

TEST_CASE("the administrator's environment comes in its order, and its PATH is the only one") {
  Service service = hello();
  service.process.edit([](Process& process) {
    process.environment = {{"LANG", "C"}, {"EMPTY", ""}, {"PATHS", "x"}};
  });
  CHECK(plan_launch(service, at_start).environment ==
        Strings{"SUPERD_SERVICE=hello", "LANG=C", "EMPTY=", "PATHS=x", default_path});
  service.process.edit([](Process& process) {
    process.environment = {{"PATH", "/opt/bin"}, {"LANG", "C"}};
  });
  CHECK(plan_launch(service, at_start).environment ==
        Strings{"SUPERD_SERVICE=hello", "PATH=/opt/bin", "LANG=C"});
}

TEST_CASE("a handler gets back the descriptor limit that superd was started with") {
  const auto nofile = [](const LaunchPlan& plan) {
    std::vector<std::pair<rlim_t, rlim_t>> found;
    for (const ResourceLimit& one : plan.rlimits)
      if (one.resource == RLIMIT_NOFILE) found.emplace_back(one.soft, one.hard);
    return found;
  };
  using Limits = std::vector<std::pair<rlim_t, rlim_t>>;

  Service service = hello();
  CHECK(nofile(plan_launch(service, at_start)) == Limits{{1024, 4096}});

  service.process.edit([](Process& process) { process.rlimits = {{RLIMIT_CPU, 10, 20}}; });
  CHECK(plan_launch(service, at_start).rlimits.size() == 2);
  CHECK(nofile(plan_launch(service, at_start)) == Limits{{1024, 4096}});

  service.process.edit([](Process& process) { process.rlimits = {{RLIMIT_NOFILE, 64, 128}}; });
  CHECK(nofile(plan_launch(service, at_start)) == Limits{{64, 128}});
}

TEST_CASE("what else the service says of its process reaches the plan") {
  Service service = hello();
  service.process.edit([](Process& process) {
    process.directory = "/srv";
    process.umask = 077;
    process.nice = -5;
    process.identity = Identity{"web", 33, 34, {35, 36}};
  });
  const LaunchPlan plan = plan_launch(service, at_start);
  CHECK(plan.directory == "/srv");
  CHECK(plan.umask == 077);
  CHECK(plan.nice == -5);
  REQUIRE(plan.identity);
  CHECK(plan.identity->uid == 33);
  CHECK(plan.identity->gid == 34);
  CHECK(plan.identity->groups == std::vector<gid_t>{35, 36});
}

TEST_CASE("a program that is started ahead is started by superd-warm, and all else stays") {
  Service service = hello();
  const LaunchPlan cold = plan_launch(service, at_start);
  const LaunchPlan warm = warmed_up(cold, "/lib/superd/superd-warm");
  CHECK(warm.program == "/lib/superd/superd-warm");
  CHECK(warm.arguments == Strings{"superd-warm", "10000", "/bin/hello", "hello", "--loud"});
  CHECK(warm.environment == cold.environment);
}
