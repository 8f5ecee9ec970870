#include "common/credential/private_file.hpp"

#include <cerrno>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnix::credential {

namespace {

constexpr std::size_t file_bytes_max = 1U << 20U;
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& fault) {
    throw std::runtime_error{file.string() + ": " + fault};
}

/// With the system's reason for the last call's failure.
[[noreturn]] void fail_with_errno(const std::filesystem::path& file, const std::string& what) {
    fail(file, what + ": " + std::generic_category().message(errno));
}

class file_descriptor {
  public:
    explicit file_descriptor(int number) noexcept : number_{number} {}
    file_descriptor(const file_descriptor&) = delete;
    file_descriptor& operator=(const file_descriptor&) = delete;
    ~file_descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int number() const noexcept { return number_; }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }

  private:
    int number_;
};

void require_private(const std::filesystem::path& file, const file_descriptor& opened) {
    struct stat status{};
    if (::fstat(opened.number(), &status) != 0) fail_with_errno(file, "cannot be examined");
    if (!S_ISREG(status.st_mode)) fail(file, "is not a regular file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        fail(file, "is open to others than its owner; run: chmod 600 " + file.string());
}

void write_all(const std::filesystem::path& file, const file_descriptor& to, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(to.number(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail_with_errno(file, "cannot be written");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(to.number()) != 0) fail_with_errno(file, "cannot be synced");
}

/// A rename is durable only when the directory is.
void sync_directory_of(const std::filesystem::path& file) {
    const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
    const file_descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!opened.is_open() || ::fsync(opened.number()) != 0) fail_with_errno(directory, "cannot be synced");
}

}  // namespace

std::string read_private_file(const std::filesystem::path& file) {
    const file_descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!opened.is_open()) fail_with_errno(file, "cannot be opened");
    require_private(file, opened);
    std::string text(file_bytes_max + 1, '\0');
    std::size_t used = 0;
    while (used < text.size()) {
        const auto count = ::read(opened.number(), text.data() + used, text.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail_with_errno(file, "cannot be read");
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
    }
    if (used > file_bytes_max) fail(file, "is larger than 1 MiB");
    text.resize(used);
    return text;
}

std::vector<private_line> read_private_lines(const std::filesystem::path& file) {
    std::istringstream text{read_private_file(file)};
    std::vector<private_line> lines;
    std::string line;
    for (std::size_t number = 1; std::getline(text, line); ++number) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) lines.push_back({.number = number, .text = line});
    }
    if (lines.empty()) fail(file, "holds nothing");
    return lines;
}

void write_private_file(const std::filesystem::path& file, std::string_view text) {
    auto beside = file;
    beside += ".new";
    // Left by a write that was interrupted; creating it anew makes sure of its mode and that it is no link.
    ::unlink(beside.c_str());
    {
        const file_descriptor created{
            ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only)};
        if (!created.is_open()) fail_with_errno(beside, "cannot be created");
        write_all(beside, created, text);
    }
    if (::rename(beside.c_str(), file.c_str()) != 0) fail_with_errno(file, "cannot be replaced");
    sync_directory_of(file);
}

}  // namespace turnix::credential
