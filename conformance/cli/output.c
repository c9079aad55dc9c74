#include "output.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* The directory must exist and take a new file. */
static bool is_writable(const char *path) {
  char directory[4096];
  const char *slash = strrchr(path, '/');
  if (path[0] == '\0' || (slash != NULL && slash[1] == '\0')) {
    errno = EISDIR;
    return false;
  }
  size_t len = slash == NULL ? 0 : (size_t)(slash - path);
  if (len >= sizeof directory) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(directory, path, len);
  directory[len] = '\0';
  if (len == 0) {
    strcpy(directory, slash == NULL ? "." : "/");
  }
  struct stat status;
  bool exists = stat(path, &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return false;
  }
  return access(directory, W_OK | X_OK) == 0 &&
         (!exists || access(path, W_OK) == 0);
}

int wsc_output_check(const char *path) {
  if (path == NULL || strcmp(path, "-") == 0 || is_writable(path)) {
    return -1;
  }
  return wsc_usage("cannot write '%s': %s; name a file in a directory that can "
                   "be written",
                   path, strerror(errno));
}
