// SPDX-License-Identifier: MIT
// A value that many hold and none changes: it copies and compares as the value itself, and costs
// one pointer's worth where another holds the same. The standard value costs nothing besides.
#pragma once

#include <memory>
#include <set>
#include <utility>

namespace superd {

template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return value_ ? *value_ : standard(); }
  const T* operator->() const { return &**this; }
  operator const T&() const { return **this; }

  /// Makes a copy, lets `change` change it, and holds that one from then on.
  template <class Change>
  void edit(Change change) {
    T copy = **this;
    change(copy);
    *this = Shared(std::move(copy));
  }

  /// Whether both hold the very same value, not only an equal one.
  bool is_same(const Shared& other) const { return value_ == other.value_; }

  friend bool operator==(const Shared& a, const Shared& b) { return a.is_same(b) || *a == *b; }
  friend bool operator==(const Shared& a, const T& b) { return *a == b; }

 private:
  static const T& standard() {
    static const T value{};
    return value;
  }

  std::shared_ptr<const T> value_;  // absent: the standard value
};

/// Finds what is equal among many values, so that they share it. T has an order.
template <class T>
class Pool {
 public:
  Shared<T> share(const T& value) {
    const auto found = values_.find(value);
    return found != values_.end() ? *found : *values_.insert(Shared<T>(value)).first;
  }

 private:
  struct Before {
    using is_transparent = void;
    bool operator()(const T& a, const T& b) const { return a < b; }
  };
  std::set<Shared<T>, Before> values_{Shared<T>()};
};

}  // namespace superd
