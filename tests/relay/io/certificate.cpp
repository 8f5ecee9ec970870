#include "tests/relay/io/certificate.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <string>

#include <unistd.h>

namespace turnix::test {

namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_pointer = std::unique_ptr<X509, decltype(&X509_free)>;
using file_pointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

x509_pointer self_signed(EVP_PKEY* key) {
    x509_pointer certificate{X509_new(), &X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    const unsigned char host[] = "localhost";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

file_pointer open_for_writing(const std::filesystem::path& file) {
    return {std::fopen(file.c_str(), "w"), &std::fclose};
}

}  // namespace

certificate::certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "turnix-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    const key_pointer key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    PEM_write_PrivateKey(open_for_writing(settings().private_key).get(), key.get(), nullptr, nullptr, 0,
                         nullptr, nullptr);
    PEM_write_X509(open_for_writing(settings().certificate).get(), self_signed(key.get()).get());
}

certificate::~certificate() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

}  // namespace turnix::test
