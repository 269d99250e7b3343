// vm N: a virtual machine that writes to a port N times, each of which is left to this program, and then halts.
#include "start.h"
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

// out %al,$0x10; dec %cx; jnz to the out; hlt
static const unsigned char code[] = {0xe6, 0x10, 0x49, 0x75, 0xfb, 0xf4};

enum { START = 0x1000, PAGE = 0x1000 };

// The answer of an ioctl that must not fail.
static int ask(int fd, unsigned long request, const void *argument, const char *what) {
  int answer = ioctl(fd, request, argument);
  if (answer < 0) fail(what);
  return answer;
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 1);
  if (count > 0xffff) fail("N is above 65535");
  int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (kvm < 0) fail("/dev/kvm");
  int vm = ask(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
  void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  memcpy(memory, code, sizeof code);
  struct kvm_userspace_memory_region region = {
      .guest_phys_addr = START, .memory_size = PAGE, .userspace_addr = (unsigned long)memory};
  ask(vm, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
  int vcpu = ask(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
  int size = ask(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "KVM_GET_VCPU_MMAP_SIZE");
  struct kvm_run *run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
  if (run == MAP_FAILED) fail("mmap");
  struct kvm_sregs segments;
  ask(vcpu, KVM_GET_SREGS, &segments, "KVM_GET_SREGS");
  segments.cs.base = 0;
  segments.cs.selector = 0;
  ask(vcpu, KVM_SET_SREGS, &segments, "KVM_SET_SREGS");
  struct kvm_regs registers = {.rip = START, .rcx = count, .rflags = 2};
  ask(vcpu, KVM_SET_REGS, &registers, "KVM_SET_REGS");
  long writes = 0;
  for (;;) {
    ask(vcpu, KVM_RUN, NULL, "KVM_RUN");
    if (run->exit_reason != KVM_EXIT_IO) break;
    writes++;
  }
  if (run->exit_reason != KVM_EXIT_HLT || writes != count) fail("the virtual machine");
  return finish();
}
