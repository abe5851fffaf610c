// SPDX-License-Identifier: MIT
// The usual visitor made of lambdas, for std::visit.
#pragma once

namespace superd {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace superd
