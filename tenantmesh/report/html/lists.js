// Findings, connections, changed objects and what is undecided, as lists that grow on demand.
"use strict";

const STEP = 100;

/** Fill `place` with a part for each item: the first hundred, and a button for more. */
function fill(place, items, part, empty) {
  let shown = 0;
  const list = make("div", "items");
  const more = make("button", "more");
  more.type = "button";
  const grow = (most) => {
    list.append(...items.slice(shown, most).map(part));
    shown = Math.min(items.length, most);
    more.hidden = shown === items.length;
    more.textContent = `show more (${(items.length - shown).toLocaleString("en")} left)`;
  };
  more.addEventListener("click", () => grow(shown + STEP));
  place.replaceChildren(items.length ? list : quiet(empty), more);
  place.expand = () => grow(items.length);
  grow(STEP);
}

function findingPart(finding) {
  const severity = finding.exempted ? "exempted" : finding.severity;
  const names = finding.tenants.map((name) => {
    const button = make("button", "tenant", name);
    button.type = "button";
    button.dataset.tenant = name;
    return button;
  });
  const facts = make("dl", "facts");
  fact(facts, "witness", finding.witness);
  for (const object of finding.objects) fact(facts, "object", objectPart(object));
  fact(facts, "fix", text(finding.fix));
  const fresh = data.compared && finding.sides === 2 ? make("span", "mark", " new") : "";
  const rule = make("code", "", finding.rule);
  const title = make("h3", "", make("span", `severity ${severity}`, severity), " ", rule, fresh);
  title.title = text(finding.title);
  return make("article", `finding ${severity}`, title, make("p", "", finding.message), make("p", "names", ...names), facts);
}

function edgePart(edge) {
  const ends = make("button", "ends", `${data.nodes[edge.from]} → ${data.nodes[edge.to]}`);
  ends.type = "button";
  ends.addEventListener("click", () => showDetails(edge.from, edge.to));
  const changed = model.changed(edge.from, edge.to) ? make("span", "mark", "changed") : "";
  const reason = text(edge.reason) ? make("span", "quiet", text(edge.reason)) : "";
  const badge = make("span", `badge ${edge.state}`, MEANING[edge.state]);
  return make("div", "edge", ends, badge, make("code", "", text(edge.ports)), reason, changed);
}

function changePart(change) {
  const title = make("p", "", make("span", `change ${change.change}`, change.change), " ", make("code", "", change.object));
  if (change.source) title.append(" ", make("code", "source", change.source));
  if (change.why) title.append(make("span", "quiet", ` because ${change.why} changes`));
  const fields = change.fields.map(([path, values]) => make("li", "", make("code", "", path), ": ", values));
  return make("article", "", title, fields.length ? make("ul", "fields", ...fields) : "");
}

function unprovenPart(one) {
  const names = one.tenants.includes("*") ? "every tenant" : one.tenants.join(", ");
  return make("article", "", make("p", "", make("b", "", names), `: ${one.reason}`), one.object < 0 ? "" : objectPart(one.object));
}

/** Draw every list for the present filter and side. */
function showLists(nodes) {
  const here = (sidesOfIt) => sidesOfIt & model.side;
  const findings = model.findings();
  fill(document.getElementById("findings"), findings, findingPart, "Nothing found.");
  fill(document.getElementById("edges"), model.connections(nodes), edgePart, "No connection.");
  fill(document.getElementById("changes"), data.changes.filter(touches), changePart, "No object changes.");
  const open = data.unproven.filter((one) => here(one.sides));
  const assumed = data.assumptions.filter((one) => here(one[1])).map((one) => ({ tenants: ["assumed"], reason: one[0], object: -1 }));
  fill(document.getElementById("unproven"), [...open, ...assumed], unprovenPart, "Nothing.");
  document.getElementById("unproven-section").hidden = !open.length && !assumed.length;
}

function touches(change) {
  return model.matches([change.object, change.change, ...change.tenants].join(" "));
}
