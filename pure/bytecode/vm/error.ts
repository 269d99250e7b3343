/**
 * A program did what the verifier would not have let it do (a read out of bounds, a sample that is never submitted),
 * used something the interpreter lacks, or ran too long.
 */
export class VmError extends Error {
  override readonly name = "VmError";
  readonly program: string;
  /** Index into the program's instructions of the one that was executed. */
  readonly instruction: number;
  constructor(message: string, program: string, instruction: number) {
    super(`${program}: instruction ${instruction}: ${message}`);
    this.program = program;
    this.instruction = instruction;
  }
}

/** The reason of a {@link VmError}, thrown where the instruction is not known; the interpreter adds it. */
export class VmFault extends Error {
  override readonly name = "VmFault";
}
