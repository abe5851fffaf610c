#pragma once
#include <span>
#include "superd/core/service.hpp"
namespace superd {
std::string emit_yaml(const ServiceTable&, std::span<const std::string>);
std::string emit_json(const ServiceTable&, std::span<const std::string>);
std::vector<std::string> changed_keys(const Service&, const Service&);
std::vector<std::string> changed_keys(const Daemon&, const Daemon&);
}
