import type { Display, DisplaySource } from "./display.ts";
import type { MapPrinter } from "./printer.ts";
import { RunTerminal, type ScreenSize } from "./run-terminal.ts";

/** A presentation that has the whole terminal while the script runs. */
export interface PresentationScreen {
  /** What the terminal shows now, from the top; `written` are lines that went to it beside that. */
  readonly lines: (size: ScreenSize, written: readonly string[]) => readonly string[];
  /** A key that sends one byte was pressed. Gives whether the user has seen enough. */
  readonly onKey: (key: string) => boolean;
}

/** Shows a presentation on the screen of the terminal. */
export class ScreenDisplay implements Display {
  readonly #terminal = new RunTerminal();
  readonly #screen: PresentationScreen;
  readonly #onQuit: () => void;
  readonly write = this.#terminal.write;

  constructor(screen: PresentationScreen, onQuit: () => void) {
    this.#screen = screen;
    this.#onQuit = onQuit;
  }

  over(printer: MapPrinter): MapPrinter {
    return printer;
  }

  start(_source: DisplaySource, guard: (callback: () => void) => () => void): void {
    const redraw = guard(() => this.redraw());
    this.#terminal.take({
      onKey: (key) => guard(() => (this.#screen.onKey(key) ? this.#onQuit() : this.redraw()))(),
      onResize: redraw,
    });
    redraw();
  }

  redraw(): void {
    const { size, written } = this.#terminal;
    if (size !== undefined) this.#terminal.draw(this.#screen.lines(size, written));
  }

  [Symbol.dispose](): void {
    this.#terminal[Symbol.dispose]();
  }
}
