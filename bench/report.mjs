/** Adds `ratio` and whether the goal was reached, `pass` (absent without a goal). */
export function judged(figure) {
  const ratio = figure.ours / figure.peer;
  if (figure.goal === undefined) return { ...figure, ratio };
  const { atMost = Infinity, atLeast = 0 } = figure.goal;
  return { ...figure, ratio, pass: ratio <= atMost && ratio >= atLeast };
}

/** The heading of the table. */
export const HEADING = line(["", "ours", "peer", "ours/peer", "goal", ""]);

/** A line of the table. */
export function figureLine({ what, unit, ours, peer, ratio, goal, pass }) {
  const result = goal === undefined ? "" : pass ? "pass" : "MISS";
  return line([
    what,
    `${number(ours)} ${unit}`,
    `${number(peer)} ${unit}`,
    `${number(ratio)}x`,
    goalText(goal),
    result,
  ]);
}

function goalText(goal) {
  if (goal === undefined) return "";
  return goal.atMost === undefined ? `>= ${number(goal.atLeast)}x` : `<= ${number(goal.atMost)}x`;
}

/** Three digits that count. */
function number(value) {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 4) });
}

function line([what, ...cells]) {
  return `  ${what.padEnd(38)}${cells.map((cell) => cell.padStart(14)).join("")}`.trimEnd();
}
