#include "common/config/certificate_check.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

namespace turnix::config {
namespace {

struct context_deleter {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};

/// A key under a passphrase is refused: nobody is there to type it.
int no_passphrase(char*, int, int, void*) { return -1; }

/// What the operating system says when the file cannot be opened.
std::optional<std::string> unreadable(const std::filesystem::path& file) {
    errno = 0;
    if (std::ifstream{file}.is_open() && !std::filesystem::is_directory(file)) return std::nullopt;
    const auto reason = errno == 0 ? std::make_error_code(std::errc::is_a_directory).message()
                                   : std::generic_category().message(errno);
    return fmt::format("cannot be read: {}", reason);
}

/// OpenSSL refuses a key of the certificate's type that does not belong to it when it is loaded.
bool is_mismatch(unsigned long error) noexcept {
    return ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH;
}

certificate_problem mismatch() {
    return {certificate_file::private_key, "is not the key of the certificate",
            "give the key that the certificate was made for"};
}

}  // namespace

std::optional<certificate_problem> check_certificate(const contract::tls_settings& files) {
    using enum certificate_file;
    const auto certificate_path = files.certificate.string();
    const auto private_key_path = files.private_key.string();
    if (auto reason = unreadable(files.certificate)) {
        return certificate_problem{certificate, *std::move(reason),
                                   fmt::format("make {} readable to the daemon", certificate_path)};
    }
    if (auto reason = unreadable(files.private_key)) {
        return certificate_problem{private_key, *std::move(reason),
                                   fmt::format("make {} readable to the daemon", private_key_path)};
    }
    const std::unique_ptr<SSL_CTX, context_deleter> context{SSL_CTX_new(TLS_server_method())};
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    std::optional<certificate_problem> found;
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_path.c_str()) != 1) {
        found = {certificate, "is not a certificate chain in PEM", "give a PEM file, leaf first"};
    } else if (SSL_CTX_use_PrivateKey_file(context.get(), private_key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
        found = is_mismatch(ERR_peek_last_error())
                    ? mismatch()
                    : certificate_problem{private_key, "is not a private key in PEM without a passphrase",
                                          "give an unencrypted PEM key"};
    } else if (SSL_CTX_check_private_key(context.get()) != 1) {
        found = mismatch();
    }
    ERR_clear_error();
    return found;
}

}  // namespace turnix::config
