/** The texts of the standard library, made of the .bt files beside it by scripts/embed-stdlib.mjs (npm run docs). */
export const STANDARD_FILES: Readonly<Record<string, string>> = {
  "base.bt": `// Ends the run with exit status 1 and an error that says \`msg\` and where the call stands, unless \`cond\` holds.
//
//     assert(args.ret >= 0, "the call failed");
macro assert(cond, msg) {
  if (!cond) {
    errorf("assert failed: %s", msg);
    exit(1);
  }
}

// Refuses the script with this message, unless the condition, which must be known when it is compiled, holds.
macro static_assert(cond, msg) {
  if comptime (!(cond)) {
    fail("%s", msg);
  }
}

// The parent's process id of a task (\`struct task_struct *\`).
macro ppid(task) {
  task.real_parent.tgid
}

// The name of the parent of a task (\`struct task_struct *\`).
macro pcomm(task) {
  task.real_parent.comm
}

// The thread id of the leader of a task's thread group (\`struct task_struct *\`).
macro leader_tid(task) {
  task.group_leader.pid
}

// The name of the leader of a task's thread group (\`struct task_struct *\`).
macro leader_comm(task) {
  task.group_leader.comm
}

// The name of the leader of the current thread group: of the thread that \`main\` runs in.
macro leader_comm() {
  leader_comm(curtask)
}
`,
  "strings.bt": `// Whether \`needle\` is a part of \`haystack\`.
macro strcontains(haystack, needle) {
  strstr(haystack, needle) >= 0
}

// The most bytes that a string can have, with its NUL: the setting \`max_strlen\`.
macro default_str_length() {
  config().max_strlen
}
`,
  "types.bt": `// Whether an expression is a string. Known when the script is compiled.
macro is_str(expr) {
  typeinfo(expr).base_type == "string"
}

// Whether an expression is a pointer. Known when the script is compiled.
macro is_ptr(expr) {
  typeinfo(expr).base_type == "pointer"
}

// Whether an expression is an array. Known when the script is compiled.
macro is_array(expr) {
  typeinfo(expr).base_type == "array"
}

// Whether an expression is an integer, signed or not. Known when the script is compiled.
macro is_integer(expr) {
  typeinfo(expr).base_type == "int"
}

// Whether an expression is an unsigned integer. Known when the script is compiled.
macro is_unsigned_integer(expr) {
  typeinfo(expr).base_type == "int" && typeinfo(expr).full_type[0] == "u"[0]
}

// Whether the kernel returned an error in the place of a pointer or number: IS_ERR of include/linux/err.h.
macro is_err(ptr) {
  (uint64)ptr >= (uint64)-4095
}
`,
};
