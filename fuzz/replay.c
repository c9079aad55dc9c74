/* replay_<target> PATH...: runs the inputs in these files, and in the files of
 * these folders, by name. Needs no engine and no particular compiler. Each name
 * is said before its input is run: the last one is it when the program dies. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static _Noreturn void give_up(const char *path) {
  fprintf(stderr, "%s: %s\n", path, strerror(errno));
  exit(1);
}

static size_t replay_file(const char *path) {
  struct fuzz_bytes input = {0};
  uint8_t some[4096];
  size_t len;
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    give_up(path);
  }
  do {
    len = fread(some, 1, sizeof(some), file);
    fuzz_bytes_add(&input, some, len);
  } while (len == sizeof(some));
  if (ferror(file) != 0) {
    give_up(path);
  }
  fclose(file);
  uint8_t *data = fuzz_copy(input.data, input.len);
  fprintf(stderr, "%s\n", path);
  LLVMFuzzerTestOneInput(data, input.len);
  free(data);
  fuzz_bytes_free(&input);
  return 1;
}

static int visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

/* Returns the number of inputs. */
static size_t replay_folder(const char *path) {
  struct dirent **entries;
  size_t num_inputs = 0;
  int num_entries = scandir(path, &entries, visible, alphasort);
  if (num_entries < 0) {
    give_up(path);
  }
  for (int i = 0; i < num_entries; i++) {
    char name[4096];
    int len = snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
    if (len < 0 || (size_t)len >= sizeof(name)) {
      errno = ENAMETOOLONG;
      give_up(path);
    }
    num_inputs += replay_file(name);
    free(entries[i]);
  }
  free(entries);
  return num_inputs;
}

int main(int argc, char **argv) {
  size_t num_inputs = 0;
  for (int i = 1; i < argc; i++) {
    struct stat status;
    if (stat(argv[i], &status) != 0) {
      give_up(argv[i]);
    }
    num_inputs +=
        S_ISDIR(status.st_mode) ? replay_folder(argv[i]) : replay_file(argv[i]);
  }
  fprintf(stderr, "%zu inputs\n", num_inputs);
  /* A corpus that is not there must not look like one that passed. */
  return num_inputs > 0 ? 0 : 1;
}
