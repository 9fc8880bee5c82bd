// What a job needs and what needs it, lit while one rests on it with the mouse or the keyboard.
let glowing = -1, shining = new Set(), waking = 0;
const light = (number) => {
  clearTimeout(waking);
  if (number === glowing) return;
  glowing = number;
  const found = number < 0 ? {jobs: new Set(), edges: new Set()} : relations(number);
  for (const other of shining) if (!found.jobs.has(other)) shapes[other].classList.remove("lit");
  for (const other of found.jobs) if (!shining.has(other)) shapes[other].classList.add("lit");
  shining = found.jobs;
  drawing.querySelector(".source")?.classList.remove("source");
  if (number >= 0) shapes[number].classList.add("source");
  drawing.classList.toggle("dim", number >= 0);
  const places = [...found.edges];
  litLines.setAttribute("d", lines(places).map((piece) => curve(pieces[piece])).join(""));
  litHeads.setAttribute("d", heads(places).map(([, , path]) => path).join(""));
};
const jobAt = (element) => Number(element.closest?.(".job")?.dataset.number ?? -1);
// After a moment's rest, so that a mouse on its way across does not have the whole graph flicker.
const soon = (number, rest) => { clearTimeout(waking); waking = setTimeout(() => light(number), rest); };
const kept = () => (document.activeElement?.matches(".job:focus-visible") ? jobAt(document.activeElement) : -1);
boxLayer.addEventListener("pointerover", (event) => {
  const number = jobAt(event.target);
  if (number < 0 || pointers.size) return;
  entitle(number);
  soon(number, picture.simple ? 160 : 50);
});
boxLayer.addEventListener("pointerout", (event) => { if (jobAt(event.relatedTarget || view) < 0) soon(kept(), 90); });
// On the view, not on the drawing's group: Chromium makes a stop of Tab of a group that listens to focus.
view.addEventListener("focusin", (event) => {
  const number = jobAt(event.target);
  if (number < 0) return;
  current(number);
  if (!event.target.matches(":focus-visible")) return;
  entitle(number);
  light(number);
  reveal(number);
});
view.addEventListener("focusout", () => soon(-1, 90));

for (const button of document.querySelectorAll("[data-switch]")) {
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    document.body.classList.toggle(`no-${button.dataset.switch}`, !on);
  });
}
