// Finds jobs by any of their texts, or as status:failed; Enter goes from one to the next, the arrow down to the job itself.
const field = document.getElementById("search"), found = document.getElementById("found");
const texts = jobs.map((job) => [job.id, job.title, job.status, ...(job.members || []), job.detail?.description, job.detail?.command, ...(job.detail?.tags || [])].filter(Boolean).join("\n").toLowerCase());
let matches = [], at = -1;

const find = () => {
  for (const number of matches) shapes[number].classList.remove("match", "here");
  const wanted = field.value.trim().toLowerCase();
  const status = /^status:(.*)$/.exec(wanted)?.[1];
  const fits = (number) => (status === undefined ? texts[number].includes(wanted) : (jobs[number].status || "") === status);
  matches = wanted ? [...texts.keys()].filter(fits) : [];
  at = -1;
  for (const number of matches) shapes[number].classList.add("match");
  drawing.classList.toggle("searched", matches.length > 0);
  say();
};
const say = () => {
  const wanted = field.value.trim();
  found.textContent = !wanted ? "" : !matches.length ? "none" : at < 0 ? matches.length.toLocaleString("en") : `${at + 1} of ${matches.length.toLocaleString("en")}`;
};
const next = (step) => {
  if (!matches.length) return;
  shapes[matches[at]]?.classList.remove("here");
  at = at < 0 && step < 0 ? matches.length - 1 : (at + step + matches.length) % matches.length;
  shapes[matches[at]].classList.add("here");
  if (open < 0) { current(matches[at]); reveal(matches[at], true); } else show(matches[at], {centred: true});
  say();
};
field.addEventListener("input", find);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); next(event.shiftKey ? -1 : 1); }
  if (event.key === "Escape") { event.stopPropagation(); if (field.value) { field.value = ""; find(); } else field.blur(); }
  if (event.key === "ArrowDown" && matches.length) { event.preventDefault(); shapes[matches[Math.max(at, 0)]].focus({preventScroll: true}); }
});
for (const button of document.querySelectorAll("[data-find]")) button.addEventListener("click", () => {
  const wanted = `status:${button.dataset.find}`;
  field.value = field.value === wanted ? "" : wanted;
  find();
});
