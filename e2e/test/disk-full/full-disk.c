// Preloaded into a process, it makes a disk full at a chosen write: what would take room below GGEN_FULL_BELOW fails with
// ENOSPC. Counted are calls that add bytes, names or folders there, from 1, in whichever thread.
//   GGEN_FULL_FROM    the first call that fails
//   GGEN_FULL_ONCE    set: only that one fails
//   GGEN_FULL_SWITCH  while this file is there nothing fails and nothing is counted
//   GGEN_FULL_LOG     gets a line for each counted call
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

std::atomic<long> counted{0};

template <typename Function> Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool below(const char* path) {
  static const char* prefix = getenv("GGEN_FULL_BELOW");
  return prefix != nullptr && strncmp(path, prefix, strlen(prefix)) == 0;
}

bool full(const char* call, const char* path) {
  if (!below(path)) return false;
  static const char* off = getenv("GGEN_FULL_SWITCH");
  if (off != nullptr && syscall(SYS_faccessat, AT_FDCWD, off, F_OK) == 0) return false;
  static const char* text = getenv("GGEN_FULL_FROM");
  static const long from = text == nullptr ? LONG_MAX : atol(text);
  static const bool once = getenv("GGEN_FULL_ONCE") != nullptr;
  const long at = ++counted;
  const bool fails = once ? at == from : at >= from;
  static const char* log = getenv("GGEN_FULL_LOG");
  if (log != nullptr) {
    char line[PATH_MAX + 64];
    const int length = snprintf(line, sizeof line, "%ld %s %s%s\n", at, call, path, fails ? " ENOSPC" : "");
    const long file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file >= 0) {
      syscall(SYS_write, file, line, length);
      syscall(SYS_close, file);
    }
  }
  return fails;
}

bool fullFile(const char* call, int file) {
  struct stat found;
  if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode)) return false;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  return full(call, path);
}

int refused() {
  errno = ENOSPC;
  return -1;
}

bool makes(const char* path, int flags) {
  return (flags & O_CREAT) != 0 && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
}

}  // namespace

extern "C" {

#define OPEN(name)                                                                     \
  int name(const char* path, int flags, ...) {                                         \
    va_list rest;                                                                      \
    va_start(rest, flags);                                                             \
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                                      \
    if (makes(path, flags) && full("open", path)) return refused();                    \
    static auto real = next<int (*)(const char*, int, ...)>(#name);                    \
    return real(path, flags, mode);                                                    \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void* bytes, size_t count) {
  if (fullFile("write", file)) return refused();
  static auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return real(file, bytes, count);
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  if (fullFile("writev", file)) return refused();
  static auto real = next<ssize_t (*)(int, const struct iovec*, int)>("writev");
  return real(file, parts, count);
}

#define PWRITE(name)                                                                   \
  ssize_t name(int file, const void* bytes, size_t count, off64_t at) {                \
    if (fullFile("pwrite", file)) return refused();                                    \
    static auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>(#name);    \
    return real(file, bytes, count, at);                                               \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

int mkdir(const char* path, mode_t mode) {
  if (syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0 && full("mkdir", path)) return refused();
  static auto real = next<int (*)(const char*, mode_t)>("mkdir");
  return real(path, mode);
}

int symlink(const char* target, const char* path) {
  if (full("symlink", path)) return refused();
  static auto real = next<int (*)(const char*, const char*)>("symlink");
  return real(target, path);
}

int rename(const char* from, const char* to) {
  if (full("rename", to)) return refused();
  static auto real = next<int (*)(const char*, const char*)>("rename");
  return real(from, to);
}

int ftruncate64(int file, off64_t length) noexcept {
  struct stat found;
  if (fstat(file, &found) == 0 && length > found.st_size && fullFile("ftruncate", file)) return refused();
  static auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return real(file, length);
}
}
