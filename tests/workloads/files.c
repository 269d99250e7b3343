// files N DIR: N times in the folder DIR: creates the file `a`, writes 1 byte, closes it, renames it to `b`, asks for
// its status, removes it, makes the folder `c` and removes that.
#include "start.h"
#include <fcntl.h>
#include <sys/stat.h>

static void work_on_files(void) {
  struct stat status;
  int fd = open("a", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) fail("open");
  if (write(fd, "x", 1) != 1) fail("write");
  close(fd);
  if (rename("a", "b") != 0) fail("rename");
  if (stat("b", &status) != 0) fail("stat");
  if (unlink("b") != 0) fail("unlink");
  if (mkdir("c", 0700) != 0) fail("mkdir");
  if (rmdir("c") != 0) fail("rmdir");
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 2, 2, "N DIR");
  long count = number(argv[1], 0);
  if (chdir(argv[2]) != 0) fail(argv[2]);
  for (long i = 0; i < count; i++) work_on_files();
  return finish();
}
