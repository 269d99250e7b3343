// targets N: for i = 0 … N - 1 calls each function below once with the arguments of `round_of_calls`, apart from the
// recursive ones: countdown(3) makes 4 calls a round, fibonacci(5) makes 15. Every function returns what its last line
// says; none is inlined, cloned or left by a jump.
#include "start.h"
#include <stddef.h>
#include <stdint.h>

#define target __attribute__((noipa))

enum color { RED = 1, GREEN = 2, BLUE = 4 };

struct point {
  long x;
  long y;
};

struct box {
  long edges[4];
};

union word {
  uint64_t whole;
  uint32_t halves[2];
};

struct record {
  int32_t id;
  char name[16];
  struct point at;
  enum color color;
  unsigned low : 3;
  unsigned high : 13;
  union word word;
  int16_t series[4];
  const char *title;
  struct record *next;
  long (*method)(long);
};

long total;

target long arg_u8(uint8_t value) { return total += value; }
target long arg_i8(int8_t value) { return total += value; }
target long arg_u16(uint16_t value) { return total += value; }
target long arg_i16(int16_t value) { return total += value; }
target long arg_u32(uint32_t value) { return total += value; }
target long arg_i32(int32_t value) { return total += value; }
target uint64_t arg_u64(uint64_t value) { return total += value; }
target int64_t arg_i64(int64_t value) { return total += value; }
target bool arg_bool(bool value) { return !value; }
target enum color arg_enum(enum color value) { return value; }
target double arg_double(double value) { return value * 2; }
target float arg_float(float value) { return value * 2; }
target size_t arg_string(const char *text) { return strlen(text); }
target long arg_buffer(const void *bytes, size_t length) { return total += ((const char *)bytes)[length - 1]; }
target long arg_point_pointer(const struct point *point) { return point->x + point->y; }
target long arg_point(struct point point) { return point.x + point.y; }
target long arg_box(struct box box) { return box.edges[0] + box.edges[3]; }
target long arg_record(const struct record *record) { return record->id + record->next->id; }

// The last two are passed on the stack.
target long arg_eight(long a, long b, long c, long d, long e, long f, long g, long h) {
  return a + b + c + d + e + f + g + h;
}

target void return_nothing(void) { total++; }
target int return_negative(long i) { return (int)(-1 - i); }
target const char *return_string(void) { return "returned"; }
target struct point return_point(long i) { return (struct point){i, -i}; }
static target long not_exported(long i) { return i * 2; }

target long countdown(long depth) { return depth == 0 ? 0 : 1 + countdown(depth - 1); }
target long fibonacci(long n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static void calls_with_integers(long i) {
  arg_u8(250 + i);
  arg_i8(-128 + i);
  arg_u16(65530 + i);
  arg_i16(-32768 + i);
  arg_u32(4294967290 + i);
  arg_i32(-2147483647 + i);
  arg_u64(UINT64_C(18446744073709551000) + i);
  arg_i64(INT64_C(-9223372036854775807) + i);
  arg_bool(i % 2 == 1);
  arg_enum(BLUE);
  arg_eight(i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7);
}

static void calls_with_others(long i) {
  struct point point = {i, 100 + i};
  struct record tail = {.id = 2, .name = "tail", .title = "the second"};
  struct record record = {
      .id = 1, .name = "head", .at = point, .color = GREEN, .low = 5, .high = 4097, .word.whole = 0x1122334455667788,
      .series = {10, -20, 30, -40}, .title = "the first", .next = &tail, .method = not_exported,
  };
  arg_double(1.5 + i);
  arg_float(2.5f + i);
  arg_string("hello, tracer");
  arg_buffer("\x01\x02\x00\xff", 4);
  arg_point_pointer(&point);
  arg_point(point);
  arg_box((struct box){{i, 2, 3, 40}});
  arg_record(&record);
}

static void round_of_calls(long i) {
  calls_with_integers(i);
  calls_with_others(i);
  return_nothing();
  return_negative(i);
  return_string();
  return_point(i);
  not_exported(i);
  countdown(3);
  fibonacci(5);
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) round_of_calls(i);
  return finish();
}
