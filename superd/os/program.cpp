// SPDX-License-Identifier: MIT
// From values to pointers, once.
#include "superd/os/program.hpp"

#include <string>

namespace superd {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  return pointers;
}

}  // namespace

Program::Program(LaunchPlan plan) : plan_(std::move(plan)) {
  arguments_ = pointers_to(plan_.arguments);
  arguments_.push_back(nullptr);
  environment_ = pointers_to(plan_.environment);
  for (const ResourceLimit& l : plan_.rlimits) limits_.push_back({l.resource, {l.soft, l.hard}});
  data_.program = plan_.program.c_str();
  data_.arguments = arguments_.data();
  data_.directory = plan_.directory.c_str();
  data_.umask = plan_.umask;
  data_.nice = plan_.nice ? &*plan_.nice : nullptr;
  data_.limits = limits_.data();
  data_.limit_count = limits_.size();
  if (!plan_.identity) return;
  data_.has_identity = true;
  data_.uid = plan_.identity->uid;
  data_.gid = plan_.identity->gid;
  data_.groups = plan_.identity->groups.data();
  data_.group_count = plan_.identity->groups.size();
}

}  // namespace superd
