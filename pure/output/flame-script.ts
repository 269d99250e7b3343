/**
 * What makes a flame graph answer: the script inside the SVG. Its frames are nested `svg` elements with percentages, so
 * that zooming moves two attributes of each, and a window of any width needs nothing at all.
 */
export const FLAME_SCRIPT = `
const root = document.documentElement;
const details = document.getElementById("details");
const search = document.getElementById("search");
const reset = document.getElementById("reset");
const matched = document.getElementById("matched");
const frames = Array.from(document.querySelectorAll("#frames > svg"), (element) => {
  const title = element.querySelector("title").textContent;
  return {
    element,
    says: title.replace("\\n", ": "),
    name: title.slice(0, title.indexOf("\\n")),
    label: element.querySelector("text"),
    level: Number(element.dataset.level),
    from: parseFloat(element.getAttribute("x")),
    width: parseFloat(element.getAttribute("width")),
    shown: parseFloat(element.getAttribute("width")),
  };
});
const frameOf = new Map(frames.map((frame) => [frame.element, frame]));
const SLACK = 2e-6; // percentages are written with six digits
const within = (inner, outer) =>
  inner.from >= outer.from - SLACK && inner.from + inner.width <= outer.from + outer.width + SLACK;
let zoomed = frames[0];

const characterWidth = (() => {
  const probe = document.createElementNS("http://www.w3.org/2000/svg", "text");
  probe.textContent = "m".repeat(100);
  root.append(probe);
  const width = probe.getComputedTextLength() / 100;
  probe.remove();
  return width || 7;
})();

function writeLabels() {
  const widthPx = root.getBoundingClientRect().width;
  for (const { label, name, shown } of frames) {
    const room = Math.floor(((shown / 100) * widthPx - 6) / characterWidth);
    label.textContent = room >= name.length ? name : room < 3 ? "" : name.slice(0, room - 2) + "..";
  }
}

function zoom(to) {
  zoomed = to;
  for (const frame of frames) {
    const { element } = frame;
    const below = frame.level < to.level && within(to, frame);
    const above = frame.level >= to.level && within(frame, to);
    element.style.display = below || above ? "" : "none";
    element.classList.toggle("below", below);
    frame.shown = below ? 100 : above ? (frame.width / to.width) * 100 : 0;
    element.setAttribute("x", (below ? 0 : ((frame.from - to.from) / to.width) * 100) + "%");
    element.setAttribute("width", frame.shown + "%");
  }
  reset.disabled = to === frames[0];
  writeLabels();
}

function find() {
  const wanted = search.value;
  let matches = () => false;
  if (wanted !== "") {
    try {
      const expression = new RegExp(wanted, "i");
      matches = (name) => expression.test(name);
    } catch {
      matches = (name) => name.includes(wanted);
    }
  }
  const hits = frames.filter((frame, index) => {
    const hit = index > 0 && matches(frame.name);
    frame.element.classList.toggle("hit", hit);
    return hit;
  });
  // What a match called is within it: it counts once.
  hits.sort((a, b) => a.from - b.from || a.level - b.level);
  let share = 0;
  let end = -1;
  for (const hit of hits) {
    if (hit.from < end - SLACK) continue;
    share += hit.width;
    end = hit.from + hit.width;
  }
  matched.textContent = wanted === "" ? "" : "matched: " + share.toFixed(2) + "%";
}

function point(frame) {
  details.textContent = frame === undefined ? "" : frame.says;
}

function focus(frame) {
  frame?.element.focus({ preventScroll: false });
}

/** The frame that an arrow key goes to: the widest callee, the caller, or the next one of the same level. */
function neighbour(frame, key) {
  const seen = frames.filter(({ shown }) => shown > 0);
  if (key === "ArrowUp") {
    const callees = seen.filter((each) => each.level === frame.level + 1 && within(each, frame));
    return callees.sort((a, b) => b.shown - a.shown)[0];
  }
  if (key === "ArrowDown") return seen.find((each) => each.level === frame.level - 1 && within(frame, each));
  const row = seen.filter(({ level }) => level === frame.level).sort((a, b) => a.from - b.from);
  return row[row.indexOf(frame) + (key === "ArrowRight" ? 1 : -1)];
}

const eventFrame = (event) => frameOf.get(event.target.closest?.("#frames > svg"));

root.addEventListener("click", (event) => {
  const frame = eventFrame(event);
  if (frame !== undefined) zoom(frame);
});
root.addEventListener("pointerover", (event) => point(eventFrame(event)));
root.addEventListener("focusin", (event) => point(eventFrame(event)));
search.addEventListener("input", find);
reset.addEventListener("click", () => zoom(frames[0]));
window.addEventListener("resize", writeLabels);
window.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const typing = target === search;
  if (key === "/" && !typing) search.focus();
  else if (key === "Escape" && typing && search.value !== "") {
    search.value = "";
    find();
  } else if (key === "Escape") {
    zoom(frames[0]);
    focus(frames[0]);
  } else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key === "Enter" && frameOf.has(target)) zoom(frameOf.get(target));
  else if (key === "Backspace") zoom(neighbour(zoomed, "ArrowDown") ?? frames[0]);
  else if (key.startsWith("Arrow")) focus(frameOf.has(target) ? neighbour(frameOf.get(target), key) : zoomed);
  else return;
  event.preventDefault();
});

for (const { element } of frames) element.setAttribute("tabindex", "-1");
frames[0].element.setAttribute("tabindex", "0");
root.removeAttribute("viewBox");
root.setAttribute("width", "100%");
writeLabels();
`;
