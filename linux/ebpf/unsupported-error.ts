/** Something that the running kernel does not have. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";
  /** What is missing: `"kprobe_multi"`, `"kernel function bpf_strlen"`. */
  readonly feature: string;
  /** The first Linux version that has it, where that is known. */
  readonly minimumKernel: string | undefined;

  constructor(feature: string, minimumKernel?: string, options?: ErrorOptions) {
    const requirement = minimumKernel === undefined ? "" : ` (requires Linux ${minimumKernel})`;
    super(`this kernel does not have ${feature}${requirement}`, options);
    this.feature = feature;
    this.minimumKernel = minimumKernel;
  }
}
