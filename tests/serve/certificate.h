#pragma once

#include <filesystem>

namespace charrnn {

/// A certificate for localhost that vouches for itself, and its key, in files of their own that go
/// with it.
class TestCertificate {
 public:
  /// Writes NAME.pem and NAME.key into the tests' folder.

  explicit TestCertificate(const std::filesystem::path& name);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  const std::filesystem::path& certificate() const { return certificate_; }
  const std::filesystem::path& key() const { return key_; }

 private:
  std::filesystem::path certificate_;
  std::filesystem::path key_;
};

}  // namespace charrnn
