// How the receiver of a webhook knows that it is ours and fresh:
//
//   Turnix-Signature: t=1767712462,v1=<hex HMAC-SHA-256 of "1767712462.<body>" under the webhook's secret>
#pragma once

#include "common/clock/instant.hpp"

#include <string>
#include <string_view>

namespace turnix::webhooks {

/// "whsec_" and 256 random bits as base64url. The whole text is the key of the HMAC.
std::string make_secret();
/// The value of Turnix-Signature.
std::string signature_of(std::string_view body, std::string_view secret, wall_time now);

}  // namespace turnix::webhooks
