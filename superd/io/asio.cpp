// SPDX-License-Identifier: MIT
// Asio's own code, compiled once (BOOST_ASIO_SEPARATE_COMPILATION): no other file pays for it.
#include <boost/asio/impl/src.hpp>
