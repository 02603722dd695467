#include "tests/serve/certificate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace charrnn {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<FILE, decltype(&std::fclose)>;

void add_extension(X509* certificate, int which, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate self_signed(EVP_PKEY* key) {
  Certificate certificate(X509_new(), &X509_free);
  X509* const it = certificate.get();
  X509_set_version(it, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(it), 1);
  X509_gmtime_adj(X509_getm_notBefore(it), -3600);
  X509_gmtime_adj(X509_getm_notAfter(it), 86400);
  X509_set_pubkey(it, key);
  X509_NAME* const name = X509_get_subject_name(it);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(it, name);
  add_extension(it, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  add_extension(it, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(it, key, EVP_sha256());
  return certificate;
}

File open_file(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"), &std::fclose);
  if (!file) throw std::runtime_error("cannot write " + path.string());
  return file;
}

}  // namespace

TestCertificate::TestCertificate(const std::filesystem::path& name) {
  const std::string stem = testing::TempDir() + name.string() + "." + std::to_string(::getpid());
  certificate_ = stem + ".pem";
  key_ = stem + ".key";
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  PEM_write_X509(open_file(certificate_).get(), self_signed(key.get()).get());
  PEM_write_PrivateKey(open_file(key_).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  ::chmod(key_.c_str(), 0600);
}

TestCertificate::~TestCertificate() {
  std::filesystem::remove(certificate_);
  std::filesystem::remove(key_);
}

}  // namespace charrnn
