import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { commandProgram } from "./command-program.ts";
import { processState } from "./process-state.ts";

/** The command of `-c` cannot be run. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Stops itself, and once it is continued becomes the command: `exec` keeps the process and its number. */
const LAUNCHER = 'kill -STOP $$; exec "$@"';
const POLL_MS = 1;
const STARTED_WITHIN_MS = 5000;

/**
 * The process that `-c` traces. It is started stopped, so that probes are attached before its first instruction.
 * Should this process be killed, the child lives on: Node has no way to ask for a signal at a parent's death.
 */
export class Child implements Disposable {
  readonly pid: number;
  /** What it is going to execute: an absolute path. A script stands for the program that interprets it. */
  readonly program: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  #hasEnded = false;

  private constructor(process: ChildProcess, pid: number, program: string) {
    this.#process = process;
    this.pid = pid;
    this.program = program;
    this.ended = new Promise((end) => {
      process.once("exit", () => {
        this.#hasEnded = true;
        end();
      });
    });
  }

  /** Starts a command, which is split as {@link splitCommand} says, and stops it. Throws {@link CommandError}. */
  static async start(command: string): Promise<Child> {
    const [name, ...args] = splitCommand(command);
    if (name === undefined) throw new CommandError("the command of -c is empty");
    const path = findProgram(name, process.env.PATH ?? "");
    const child = spawn("/bin/sh", ["-c", LAUNCHER, "sh", path, ...args], { stdio: "inherit" });
    if (child.pid === undefined) {
      const [cause] = await once(child, "error");
      throw new CommandError(`cannot start ${path}`, { cause });
    }
    const started = new Child(child, child.pid, resolve(commandProgram(path)));
    await started.#untilStopped();
    return started;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Lets it run. */
  resume(): void {
    if (!this.#hasEnded) this.#process.kill("SIGCONT");
  }

  /** Ends it by SIGTERM, if it runs still. */
  [Symbol.dispose](): void {
    if (this.#hasEnded) return;
    this.#process.kill("SIGTERM");
    this.#process.kill("SIGCONT"); // a stopped process gets no signal before this one
    this.#process.unref(); // should it not end by that, it is not waited for
  }

  async #untilStopped(): Promise<void> {
    const deadline = Date.now() + STARTED_WITHIN_MS;
    while (processState(this.pid)?.state !== "T") {
      if (this.#hasEnded || Date.now() > deadline) throw new CommandError("the command of -c could not be stopped");
      await after(POLL_MS);
    }
  }
}

/** Splits a command at blanks; single and double quotes keep blanks, a backslash keeps the next character. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < command.length; at++) {
    const character = command[at];
    if (character === "\\" && quote !== "'" && at + 1 < command.length) word = (word ?? "") + command[++at];
    else if (quote !== "" && character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") throw new CommandError(`the command of -c has a ${quote} without its other`);
  return word === undefined ? words : [...words, word];
}

/** The program that a name means: a path as it is, else the first of that name on the path. */
export function findProgram(name: string, searchPath: string): string {
  const candidates = name.includes("/")
    ? [name]
    : searchPath.split(":").map((directory) => join(directory || ".", name));
  const files = candidates.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const [found] = files.filter(isExecutable);
  if (found !== undefined) return found;
  if (files.length > 0) throw new CommandError(`'${files[0]}' of -c is not executable`);
  throw new CommandError(`'${name}' of -c does not exist${name.includes("/") ? "" : " on $PATH"}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
