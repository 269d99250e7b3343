// bpf-objects: prints every BPF program and link of the kernel, one a line: "program ID NAME", "link ID TYPE".
// bpf-objects --pin PATH: loads a program that does nothing, named `planted`, and pins it at PATH: a leak to find.
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attr) { return (int)syscall(SYS_bpf, command, attr, sizeof *attr); }

static void fail(const char *what) {
  fprintf(stderr, "bpf-objects: %s: %s\n", what, strerror(errno));
  exit(1);
}

// Whether there is an object after *id; then *id is its id.
static bool next_id(enum bpf_cmd command, uint32_t *id) {
  union bpf_attr attr = {.start_id = *id};
  if (bpf(command, &attr) != 0) {
    if (errno != ENOENT) fail("GET_NEXT_ID");
    return false;
  }
  *id = attr.next_id;
  return true;
}

// Whether the object's information could be had: it may be gone by now.
static bool get_info(enum bpf_cmd get_fd, uint32_t id, void *info, uint32_t length) {
  union bpf_attr attr = {.prog_id = id};
  int fd = bpf(get_fd, &attr);
  if (fd < 0) return false;
  union bpf_attr query = {.info = {.bpf_fd = fd, .info_len = length, .info = (uintptr_t)info}};
  bool known = bpf(BPF_OBJ_GET_INFO_BY_FD, &query) == 0;
  close(fd);
  return known;
}

static void list_programs(void) {
  for (uint32_t id = 0; next_id(BPF_PROG_GET_NEXT_ID, &id);) {
    struct bpf_prog_info info = {0};
    if (get_info(BPF_PROG_GET_FD_BY_ID, id, &info, sizeof info)) printf("program %u %s\n", id, info.name);
  }
}

static void list_links(void) {
  for (uint32_t id = 0; next_id(BPF_LINK_GET_NEXT_ID, &id);) {
    struct bpf_link_info info = {0};
    if (get_info(BPF_LINK_GET_FD_BY_ID, id, &info, sizeof info)) printf("link %u %u\n", id, info.type);
  }
}

static void pin_planted(const char *path) {
  static const struct bpf_insn program[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT},
  };
  union bpf_attr load = {
      .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
      .insns = (uintptr_t)program,
      .insn_cnt = sizeof program / sizeof *program,
      .license = (uintptr_t) "GPL",
      .prog_name = "planted",
  };
  int fd = bpf(BPF_PROG_LOAD, &load);
  if (fd < 0) fail("BPF_PROG_LOAD");
  union bpf_attr pin = {.pathname = (uintptr_t)path, .bpf_fd = fd};
  if (bpf(BPF_OBJ_PIN, &pin) != 0) fail(path);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--pin") == 0) {
    pin_planted(argv[2]);
    return 0;
  }
  list_programs();
  list_links();
  return 0;
}
