#include "api/http/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace turnix::http {

namespace {

[[noreturn]] void refuse(std::string_view what, const std::filesystem::path& file,
                         const boost::system::error_code& code, std::string_view remedy) {
    throw std::runtime_error{
        fmt::format("cannot use the {} {}: {}; {}", what, file.string(), code.message(), remedy)};
}

}  // namespace

boost::asio::ssl::context make_tls_context(const server_certificate& from) {
    using boost::asio::ssl::context;
    context made{context::tls_server};
    made.set_options(context::default_workarounds | context::no_tlsv1 | context::no_tlsv1_1 |
                     SSL_OP_NO_RENEGOTIATION);
    boost::system::error_code code;
    made.use_certificate_chain_file(from.certificate.string(), code);
    if (code) {
        refuse("certificate", from.certificate, code,
               "api.tls.certificate needs a readable PEM file, leaf certificate first");
    }
    made.use_private_key_file(from.private_key.string(), context::pem, code);
    if (code) {
        refuse("private key", from.private_key, code,
               "api.tls.private_key needs a readable PEM file that belongs to the certificate");
    }
    return made;
}

}  // namespace turnix::http
