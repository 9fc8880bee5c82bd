"use strict";
(() => {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("executioner-theme"); } catch { return null; } };
  if (stored()) root.dataset.theme = stored();
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("executioner-theme", root.dataset.theme); } catch { /* a page opened from a file may have no storage */ }
  });
  // Headings sort their table; a cell's data-value, where it has one, is the number that its text stands for.
  const key = (row, at) => {
    const cell = row.cells[at];
    const said = cell.querySelector("[data-value]")?.dataset.value ?? cell.textContent.trim();
    return said !== "" && !isNaN(said) ? Number(said) : said;
  };
  for (const head of document.querySelectorAll("table.data th")) {
    head.tabIndex = 0;
    const sort = () => {
      const at = head.cellIndex, body = head.closest("table").tBodies[0];
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((one, other) => {
        const a = key(one, at), b = key(other, at);
        const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true});
        return down ? -order : order;
      });
      body.append(...rows);
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } });
  }
})();
