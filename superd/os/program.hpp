// SPDX-License-Identifier: MIT
// What is started: a launch plan as the kernel takes it.
#pragma once

#include <vector>

#include "superd/core/launch_plan.hpp"
#include "superd/os/child_steps.hpp"

namespace superd {

/// A plan as the arrays that the kernel takes, made once. Its pointers point into itself: it never
/// moves.
class Program {
 public:
  explicit Program(LaunchPlan plan);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// All but the descriptors and the environment, which differ from run to run.
  const ChildData& data() const { return data_; }
  const std::vector<char*>& environment() const { return environment_; }

 private:
  LaunchPlan plan_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
  std::vector<ChildLimit> limits_;
  ChildData data_;
};

}  // namespace superd
