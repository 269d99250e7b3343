import { expect, test } from "vitest";
import { namesOf, readSignature, splitAtCommas, translated } from "./c-expression.ts";

const names = namesOf(
  { retval: "retval", $pid: "tid", $task: "curtask" },
  readSignature("struct sock *sk, const char __user *buf,size_t len"),
  (index) => `arg${index}`,
);
const of = (expression: string) => translated(expression, names);

test("names of arguments, of parameters and of the task", () => {
  expect(of("arg1 + arg2")).toBe("arg0 + arg1");
  expect(of("len > 20000 && $pid == 5")).toBe("((size_t)arg2) > 20000 && tid == 5");
  expect(of("$task->fs->users")).toBe("curtask->fs->users");
  expect(of("x.len->arg1")).toBe("x.len->arg1");
});

test("memory of the process", () => {
  expect(of("buf")).toBe("uptr(((const char *)arg1))");
  expect(of("arg2@user")).toBe("uptr(arg1)");
});

test("short names of a socket's fields", () => {
  expect(of("sk->sk_dport == 13568")).toBe("((struct sock *)arg0)->__sk_common.skc_dport == 13568");
  expect(of("sk->sk_type")).toBe("((struct sock *)arg0)->sk_type");
});

test("characters, strings and comparisons of strings", () => {
  expect(of("arg1 == 'a' || arg1 == '\\n'")).toBe("arg0 == 97 || arg0 == 10");
  expect(of('"len"')).toBe('"len"');
  expect(of('STRCMP("a,b", buf) && !STRCMP("x", (char *)arg1)')).toBe(
    '(strncmp(str(uptr(((const char *)arg1))), "a,b", 3) == 0) && !(strncmp(str((char *)arg0), "x", 1) == 0)',
  );
  expect(() => of("STRCMP(arg1, arg2)")).toThrow("STRCMP compares");
  expect(() => of('STRCMP("a", arg2')).toThrow("STRCMP compares");
});

test("lists and signatures", () => {
  expect(splitAtCommas('a, f(b, c)[d,e], ","')).toEqual(["a", " f(b, c)[d,e]", ' ","']);
  expect(readSignature("void")).toEqual([]);
  expect(readSignature("struct path *p")).toEqual([{ name: "p", type: "struct path *", isUser: false }]);
  expect(() => readSignature("int")).toThrow("'int' is no parameter");
});
