#include "tests/api/store/failing_disk.hpp"

namespace turnix::tests {

namespace {

/// The real file's own bytes follow.
struct file : sqlite3_file {
    failing_disk* disk;
    sqlite3_file* real;
};

file& of(sqlite3_file* opened) noexcept { return *static_cast<file*>(opened); }

/// A method of the real file, which the disk may keep from being called.
template <auto Method, class... Arguments>
int guarded(sqlite3_file* opened, Arguments... arguments) {
    if (const int failure = of(opened).disk->next(); failure != SQLITE_OK) return failure;
    auto* const real = of(opened).real;
    return (real->pMethods->*Method)(real, arguments...);
}

template <auto Method, class... Arguments>
auto passed_on(sqlite3_file* opened, Arguments... arguments) {
    auto* const real = of(opened).real;
    return (real->pMethods->*Method)(real, arguments...);
}

using io = sqlite3_io_methods;

/// SQLite takes other codes for answers.
int map_shared(sqlite3_file* opened, int page, int bytes, int extend, void volatile** into) {
    if (of(opened).disk->next() != SQLITE_OK) return SQLITE_IOERR_SHMMAP;
    auto* const real = of(opened).real;
    return real->pMethods->xShmMap(real, page, bytes, extend, into);
}

/// Locks, and what only lets go, are left alone: they are no I/O.
const io methods{.iVersion = 2,
                 .xClose = passed_on<&io::xClose>,
                 .xRead = guarded<&io::xRead, void*, int, sqlite3_int64>,
                 .xWrite = guarded<&io::xWrite, const void*, int, sqlite3_int64>,
                 .xTruncate = guarded<&io::xTruncate, sqlite3_int64>,
                 .xSync = guarded<&io::xSync, int>,
                 .xFileSize = guarded<&io::xFileSize, sqlite3_int64*>,
                 .xLock = passed_on<&io::xLock, int>,
                 .xUnlock = passed_on<&io::xUnlock, int>,
                 .xCheckReservedLock = passed_on<&io::xCheckReservedLock, int*>,
                 .xFileControl = passed_on<&io::xFileControl, int, void*>,
                 .xSectorSize = passed_on<&io::xSectorSize>,
                 .xDeviceCharacteristics = passed_on<&io::xDeviceCharacteristics>,
                 .xShmMap = map_shared,
                 .xShmLock = passed_on<&io::xShmLock, int, int, int>,
                 .xShmBarrier = passed_on<&io::xShmBarrier>,
                 .xShmUnmap = passed_on<&io::xShmUnmap, int>,
                 .xFetch = nullptr,
                 .xUnfetch = nullptr};

failing_disk& disk_of(sqlite3_vfs* vfs) noexcept { return *static_cast<failing_disk*>(vfs->pAppData); }

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* into, int flags, int* flags_out) {
    auto& made = of(into);
    made.pMethods = nullptr;
    made.disk = &disk_of(vfs);
    if (const int failure = made.disk->next(); failure != SQLITE_OK) return failure;
    void* const behind = &made + 1;
    made.real = static_cast<sqlite3_file*>(behind);
    auto& real = made.disk->real();
    const int code = real.xOpen(&real, name, made.real, flags, flags_out);
    if (made.real->pMethods != nullptr) made.pMethods = &methods;
    return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    if (const int failure = disk_of(vfs).next(); failure != SQLITE_OK) return failure;
    auto& real = disk_of(vfs).real();
    return real.xDelete(&real, name, sync_directory);
}

}  // namespace

failing_disk::failing_disk() : own_{*real_} {
    own_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
    own_.zName = "failing";
    own_.pAppData = this;
    own_.xOpen = open;
    own_.xDelete = remove;
    sqlite3_vfs_register(&own_, 1);
}

failing_disk::~failing_disk() {
    sqlite3_vfs_unregister(&own_);
    sqlite3_vfs_register(real_, 1);
}

void failing_disk::fail(int first, int times, int code) noexcept {
    before_ = first - 1;
    left_ = times;
    code_ = code;
    failures_ = 0;
}

int failing_disk::next() noexcept {
    if (before_.fetch_sub(1) > 0) return SQLITE_OK;
    if (left_.fetch_sub(1) <= 0) return SQLITE_OK;
    ++failures_;
    return code_;
}

}  // namespace turnix::tests
