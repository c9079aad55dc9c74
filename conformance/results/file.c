#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strbuf.h"

static bool fail(char **error, const char *action, const char *path) {
  int number = errno;
  struct wsc_strbuf text;
  wsc_strbuf_init(&text);
  wsc_strbuf_printf(&text, "cannot %s %s: %s", action, path, strerror(number));
  if (number == ENOENT || number == ENOTDIR) {
    wsc_strbuf_puts(&text, "; make its directory first");
  } else if (number == EACCES || number == EROFS) {
    wsc_strbuf_puts(&text, "; choose a path that can be written");
  }
  *error = wsc_strbuf_take(&text);
  return false;
}

static bool write_all(int fd, const char *data, size_t len) {
  while (len != 0) {
    ssize_t written = write(fd, data, len);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return false;
    }
    data += written;
    len -= (size_t)written;
  }
  return true;
}

/* A device, a pipe or standard output: nothing to rename over. */
static bool write_through(const char *path, const void *data, size_t len,
                          char **error) {
  bool standard = strcmp(path, "-") == 0;
  int fd = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write_all(fd, data, len);
  if (!done) {
    fail(error, "write", standard ? "standard output" : path);
  }
  if (fd >= 0 && !standard) {
    close(fd);
  }
  return done;
}

static bool write_beside(const char *beside, const char *path, const void *data,
                         size_t len, char **error) {
  /* O_EXCL: whatever stands there is not ours, and no link is followed. */
  int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) {
    return fail(error, "create a file beside", path);
  }
  bool done = write_all(fd, data, len);
  if (!done) {
    fail(error, "write", path);
  }
  if (close(fd) != 0 && done) {
    done = fail(error, "write", path);
  }
  if (done && rename(beside, path) != 0) {
    done = fail(error, "replace", path);
  }
  if (!done) {
    unlink(beside);
  }
  return done;
}

bool wsc_file_write(const char *path, const void *data, size_t len,
                    char **error) {
  struct stat status;
  if (strcmp(path, "-") == 0 ||
      (stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
       !S_ISDIR(status.st_mode))) {
    return write_through(path, data, len, error);
  }
  struct wsc_strbuf beside;
  wsc_strbuf_init(&beside);
  wsc_strbuf_printf(&beside, "%s.%ld.tmp", path, (long)getpid());
  bool done = write_beside(beside.data, path, data, len, error);
  wsc_strbuf_free(&beside);
  return done;
}
