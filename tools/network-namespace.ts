/** For tests of network tools: a network of its own, with a loopback interface that may lose packets. */
import { execFileSync } from "node:child_process";

/** A network namespace with a loopback interface that is up. */
export class NetworkNamespace implements Disposable {
  readonly name = `beetrace-${process.pid}`;

  constructor() {
    execFileSync("ip", ["netns", "add", this.name]);
    execFileSync("ip", ["-n", this.name, "link", "set", "lo", "up"]);
  }

  /** The command that runs another one in it. */
  command(command: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", this.name, ...command];
  }

  /** Loses TCP packets, by default those of more than 120 bytes, of which an expression of nft chooses: `numgen inc mod 3 == 0`. */
  drop(which: string, packets = "meta length > 120"): void {
    this.#run(
      ["nft", "-f", "-"],
      `flush ruleset
table inet loss {
  chain input {
    type filter hook input priority 0;
    iifname "lo" meta l4proto tcp ${packets} ${which} drop
  }
}
`,
    );
  }

  /** A counter of the kernel for this network: `TcpRetransSegs`, `TcpExtTCPLossProbes`. */
  counter(name: string): number {
    const line = this.#run(["nstat", "-saz", name])
      .split("\n")
      .find((each) => each.startsWith(name));
    return Number(line?.split(/ +/)[1]);
  }

  #run(command: readonly string[], input = ""): string {
    const [file, ...argv] = this.command(command);
    return execFileSync(file, argv, { input, encoding: "utf8" });
  }

  [Symbol.dispose](): void {
    execFileSync("ip", ["netns", "del", this.name]);
  }
}
