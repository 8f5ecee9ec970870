// Sends one webhook: resolve, check the addresses, connect to one that passed, TLS with the host's name
// verified, POST, the status of the answer. No redirects, one connection a delivery, ten seconds in all.
//
// Lives on the executor's thread.
#pragma once

#include "api/webhooks/retry.hpp"
#include "api/webhooks/target.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <string>

namespace turnix::webhooks {

struct outgoing {
    std::string url;
    /// Header fields beside those that HTTP needs: "Name: value\r\n" each.
    std::string fields;
    std::string body;
};

class delivery_client {
  public:
    using completion = std::function<void(delivery_outcome)>;

    /// Trusts the certificate authorities that OpenSSL trusts by default.
    delivery_client(boost::asio::any_io_executor executor, target_policy policy);

    /// `done` is called once, later. The client outlives it.
    void send(const outgoing& what, completion done);

  private:
    boost::asio::any_io_executor executor_;
    target_policy policy_;
    boost::asio::ssl::context tls_;
};

}  // namespace turnix::webhooks
