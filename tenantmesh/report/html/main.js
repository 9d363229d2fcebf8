// What the controls do.
"use strict";

const filter = document.getElementById("filter");
const THEMES = [
  ["auto", "◐ auto", "as the system"],
  ["light", "☀ light", "light"],
  ["dark", "☾ dark", "dark"],
];

/** Draw everything anew for the present choices. */
function refresh() {
  model.words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  model.state = document.getElementById("state").value;
  model.severity = document.getElementById("severity").value;
  const nodes = model.nodes();
  matrix.show(nodes);
  showLists(nodes);
  const all = data.nodes.length;
  document.getElementById("shown").textContent = nodes.length === all ? `${counted(all)} rows` : `${counted(nodes.length)} of ${counted(all)} rows`;
}

function counted(number) {
  return number.toLocaleString("en");
}

function chooseSide(side) {
  model.side = side;
  for (const button of document.querySelectorAll("#sides button")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.side) === side));
  }
  refresh();
}

function chooseTheme(index) {
  const [name, label, words] = THEMES[index % THEMES.length];
  const button = document.getElementById("theme");
  document.documentElement.dataset.theme = name;
  button.dataset.index = index % THEMES.length;
  button.textContent = label;
  button.setAttribute("aria-label", `colours: ${words}`);
}

/** What each cell means, as a legend and as choices; from one table, so that neither lacks one. */
function showMeanings() {
  const known = { ...MEANING, own: "not looked at", ...(data.compared ? { changed: "differs between before and after" } : {}) };
  const choices = document.getElementById("state");
  for (const [state, words] of Object.entries(known)) {
    const sample = make("span", state === "changed" ? "cell closed changed" : `cell ${state}`);
    document.getElementById("legend").append(make("li", "", sample, words));
    if (!["closed", "own"].includes(state)) choices.append(new Option(words, state));
  }
}

document.body.classList.toggle("compared", data.compared);
document.getElementById("theme").addEventListener("click", (event) => chooseTheme(Number(event.target.dataset.index) + 1));
document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
for (const name of ["filter", "state", "severity"]) document.getElementById(name).addEventListener("input", refresh);
for (const button of document.querySelectorAll("#sides button")) {
  button.addEventListener("click", () => chooseSide(Number(button.dataset.side)));
}
document.getElementById("findings").addEventListener("click", (event) => {
  const name = event.target.dataset.tenant;
  if (name === undefined) return;
  filter.value = name;
  refresh();
});
addEventListener("keydown", (event) => {
  if (event.key === "/" && !dialog.open && document.activeElement !== filter) {
    event.preventDefault();
    filter.select();
  } else if (event.key === "Escape" && document.activeElement === filter) {
    filter.value = "";
    refresh();
    grid.focus();
  }
});
addEventListener("beforeprint", () => {
  for (const place of ["findings", "edges", "changes", "unproven"]) document.getElementById(place).expand();
});

showMeanings();
chooseTheme(0);
refresh();
