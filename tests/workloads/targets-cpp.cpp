// targets-cpp N: for i = 0 … N - 1 calls each function below once, so that every mangled name is hit N times
// (Circle's constructor and destructor too), and throws and catches one exception.
#include "start.h"
#include <stdexcept>
#include <string>

#define target __attribute__((noipa))

namespace shapes {

class Shape {
 public:
  virtual ~Shape() = default;
  virtual long area() const = 0;
};

class Circle : public Shape {
 public:
  target explicit Circle(long radius) : radius_(radius) {}
  target ~Circle() override { radius_ = 0; }
  target long area() const override { return 3 * radius_ * radius_; }
  target long scale(int factor) { return radius_ *= factor; }
  target long scale(double factor) { return radius_ = static_cast<long>(radius_ * factor); }
  target Circle &operator+=(const Circle &other) {
    radius_ += other.radius_;
    return *this;
  }
  static target long unit() { return 1; }

 private:
  long radius_;
};

template <typename T>
target T larger(T a, T b) {
  return a > b ? a : b;
}

target std::size_t length(const std::string &text) { return text.size(); }

} // namespace shapes

namespace {

target long hidden(long i) { return i + 1; }

} // namespace

extern "C" target long unmangled(long i) { return i - 1; }

target void throwing(long i) { throw std::out_of_range(std::to_string(i)); }

static void round_of_calls(long i) {
  shapes::Circle circle(i);
  const shapes::Shape &shape = circle;
  shape.area();
  circle.scale(2);
  circle.scale(0.5);
  circle += circle;
  shapes::Circle::unit();
  shapes::larger<int>(static_cast<int>(i), 7);
  shapes::larger<long>(i, 7);
  shapes::length("twelve chars");
  hidden(i);
  unmangled(i);
  try {
    throwing(i);
  } catch (const std::out_of_range &) {
  }
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) round_of_calls(i);
  return finish();
}
