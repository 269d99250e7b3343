// Static probes (USDT) with semaphores, for x86-64 and gcc: the part of systemtap's <sys/sdt.h> that mysqld needs.
//
// A probe site is a nop and a note in .note.stapsdt that describes it: its address, the link-time address of
// .stapsdt.base (by which a reader corrects for prelinking), the address of its semaphore, provider, name, and for each
// argument "SIZE@OPERAND" with a negative SIZE for signed values. A tracer adds one to the semaphore while attached.
// Layout: https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation
#pragma once

// Defines the semaphore of PROVIDER:NAME. Once in the program for each probe.
#define SDT_SEMAPHORE(provider, name) \
  volatile unsigned short provider##_##name##_semaphore __attribute__((section(".probes"), used, visibility("hidden")))

#define SDT_ENABLED(provider, name) __builtin_expect(provider##_##name##_semaphore != 0, 0)

// Positive for unsigned types and pointers, negative for signed ones; %n in the template prints it negated.
#define SDT_SIZE(x) _Generic((x), signed char: 1, short: 2, int: 4, long: 8, long long: 8, default: -(int)sizeof(x))

#define SDT_SIZE_OPERAND(x) "n"(SDT_SIZE(x))
#define SDT_OPERANDS_0()
#define SDT_OPERANDS_1(a) SDT_SIZE_OPERAND(a), "nor"(a)
#define SDT_OPERANDS_2(a, b) SDT_OPERANDS_1(a), SDT_OPERANDS_1(b)
#define SDT_OPERANDS_3(a, b, c) SDT_OPERANDS_2(a, b), SDT_OPERANDS_1(c)
#define SDT_OPERANDS_4(a, b, c, d) SDT_OPERANDS_3(a, b, c), SDT_OPERANDS_1(d)
#define SDT_OPERANDS_5(a, b, c, d, e) SDT_OPERANDS_4(a, b, c, d), SDT_OPERANDS_1(e)
#define SDT_OPERANDS_6(a, b, c, d, e, f) SDT_OPERANDS_5(a, b, c, d, e), SDT_OPERANDS_1(f)

#define SDT_TEMPLATE_0 ""
#define SDT_TEMPLATE_1 "%n0@%1"
#define SDT_TEMPLATE_2 SDT_TEMPLATE_1 " %n2@%3"
#define SDT_TEMPLATE_3 SDT_TEMPLATE_2 " %n4@%5"
#define SDT_TEMPLATE_4 SDT_TEMPLATE_3 " %n6@%7"
#define SDT_TEMPLATE_5 SDT_TEMPLATE_4 " %n8@%9"
#define SDT_TEMPLATE_6 SDT_TEMPLATE_5 " %n10@%11"

// A site of PROVIDER:NAME with COUNT arguments (0 to 6).
#define SDT_PROBE(provider, name, count, ...)                                       \
  __asm__ volatile(                                                                 \
      "1: nop\n"                                                                    \
      ".pushsection .note.stapsdt, \"\", \"note\"\n"                                \
      ".balign 4\n"                                                                 \
      ".4byte 3f - 2f, 5f - 4f, 3\n"                                                \
      "2: .asciz \"stapsdt\"\n"                                                     \
      "3: .balign 4\n"                                                              \
      "4: .8byte 1b, _.stapsdt.base, " #provider "_" #name "_semaphore\n"           \
      ".asciz \"" #provider "\"\n"                                                  \
      ".asciz \"" #name "\"\n"                                                      \
      ".asciz \"" SDT_TEMPLATE_##count "\"\n"                                       \
      "5: .balign 4\n"                                                              \
      ".popsection\n"                                                               \
      ".ifndef _.stapsdt.base\n"                                                    \
      ".pushsection .stapsdt.base, \"aG\", \"progbits\", .stapsdt.base, comdat\n"   \
      ".weak _.stapsdt.base\n"                                                      \
      ".hidden _.stapsdt.base\n"                                                    \
      "_.stapsdt.base: .space 1\n"                                                  \
      ".size _.stapsdt.base, 1\n"                                                   \
      ".popsection\n"                                                               \
      ".endif\n"                                                                    \
      :: SDT_OPERANDS_##count(__VA_ARGS__))
