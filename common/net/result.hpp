// The one way in which a parser or an operation says "value or error" where an error is an ordinary outcome.
#pragma once

#include <boost/system/result.hpp>

namespace turnix {

/// A value or an error of a layer's own documented enum. Never throws on the data path: ask before taking.
template <class Value, class Error>
using result = boost::system::result<Value, Error>;

}  // namespace turnix
