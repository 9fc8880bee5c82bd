// Finds jobs by any of their texts; Enter goes from one to the next.
const field = document.getElementById("search"), found = document.getElementById("found");
const texts = jobs.map((job) => [job.id, job.title, job.status, ...(job.members || []), job.detail?.description, job.detail?.command, ...(job.detail?.tags || [])].filter(Boolean).join("\n").toLowerCase());
let matches = [], at = -1;

const find = () => {
  for (const number of matches) shapes[number].classList.remove("match", "here");
  const wanted = field.value.trim().toLowerCase();
  matches = wanted ? [...texts.keys()].filter((number) => texts[number].includes(wanted)) : [];
  at = -1;
  for (const number of matches) shapes[number].classList.add("match");
  drawing.classList.toggle("searched", Boolean(wanted));
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
  current(matches[at]);
  reveal(matches[at], true);
  say();
};
field.addEventListener("input", find);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); next(event.shiftKey ? -1 : 1); }
  if (event.key === "Escape") { event.stopPropagation(); if (field.value) { field.value = ""; find(); } else if (at < 0) field.blur(); }
});
for (const button of document.querySelectorAll("[data-find]")) button.addEventListener("click", () => { field.value = field.value === button.dataset.find ? "" : button.dataset.find; find(); });
