#pragma once
#include "superd/core/host.hpp"
namespace superd {
struct Override { std::string key, value; };
Result<ServicePtr> overridden(const Service& service, const std::string& key, const std::string& value, const Host& host);
}
