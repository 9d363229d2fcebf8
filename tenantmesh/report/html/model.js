// What the page knows: the data that Python put into it, and questions about it.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);

const MEANING = { ...data.meaning, closed: "closed" };
const RANK = Object.keys(MEANING);

/** A text of the pool; "" for one that is absent. */
const text = (index) => (index === undefined ? "" : data.texts[index]);

/** One side of a comparison: its edges and fences by place. */
function sideOf(side) {
  const cells = new Map();
  for (const edge of data.edges) {
    if (!(edge.sides & side)) continue;
    const place = placeOf(edge.from, edge.to);
    cells.set(place, [...(cells.get(place) ?? []), edge]);
  }
  for (const edges of cells.values()) edges.sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state));
  const fences = new Map(data.fences.filter((fence) => fence[3] & side).map((fence) => [fence[0], fence]));
  return { cells, fences };
}

function placeOf(from, to) {
  return from * data.nodes.length + to;
}

function isTenant(node) {
  return node < data.tenants || data.nodes[node] === "*";
}

const sides = { 1: sideOf(1), 2: sideOf(2) };

const model = {
  /** 1 is before, 2 is after or the only one. */
  side: 2,
  words: [],
  state: "",
  severity: "",

  /** The edges of one cell, worst first. */
  edges(from, to, side = this.side) {
    return sides[side].cells.get(placeOf(from, to)) ?? [];
  },

  /** What one cell is. */
  stateOf(from, to, side = this.side) {
    return this.edges(from, to, side)[0]?.state ?? "closed";
  },

  /** Whether the proof looks at a cell: a tenant has to be at one of its ends. */
  looksAt(from, to) {
    return from !== to && (isTenant(from) || isTenant(to));
  },

  /** Whether before and after differ in one cell. */
  changed(from, to) {
    if (!data.compared) return false;
    const before = this.edges(from, to, 1);
    const after = this.edges(from, to, 2);
    return before.length !== after.length || before.some((edge, index) => !same(edge, after[index]));
  },

  /** The flow that a stranger can't make to `node`: [node, witness, verdict]. */
  fence(node) {
    return sides[this.side].fences.get(node);
  },

  /** The findings of this side that the filter lets through. */
  findings() {
    return data.findings.filter(
      (one) =>
        one.sides & this.side &&
        (!this.severity || (one.severity === this.severity && !one.exempted)) &&
        this.matches([one.rule, one.severity, one.message, one.tenants.join(" ")].join(" ")),
    );
  },

  /** The edges of this side that the filter lets through, worst first. */
  connections(nodes) {
    const shown = new Set(nodes);
    return data.edges
      .filter((edge) => edge.sides & this.side && this.accepts(edge) && shown.has(edge.from) && shown.has(edge.to))
      .sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state) || a.from - b.from || a.to - b.to);
  },

  /** The nodes that the filter leaves, in their order. */
  nodes() {
    const all = data.nodes.map((_, index) => index);
    if (!this.words.length && !this.state && !this.severity) return all;
    const kept = new Set();
    if (!this.severity) this.keepEdges(kept);
    if (!this.state) this.keepTouched(kept);
    return all.filter((index) => kept.has(index));
  },

  keepEdges(kept) {
    for (const edge of data.edges) {
      if (!(edge.sides & (this.state === "changed" ? 3 : this.side)) || !this.accepts(edge)) continue;
      if (this.matches(data.nodes[edge.from]) || this.matches(data.nodes[edge.to])) kept.add(edge.from).add(edge.to);
    }
    if (this.state) return;
    data.nodes.forEach((name, index) => this.matches(name) && kept.add(index));
  },

  keepTouched(kept) {
    const touched = new Set(this.findings().flatMap((one) => one.tenants));
    data.nodes.forEach((name, index) => touched.has(name) && kept.add(index));
  },

  /** Whether the choice of cells leaves this edge. */
  accepts(edge) {
    if (this.state === "changed") return this.changed(edge.from, edge.to);
    return !this.state || edge.state === this.state;
  },

  matches(words) {
    const known = words.toLowerCase();
    return this.words.every((word) => known.includes(word));
  },
};

/** Whether two edges let the same through; their reasons may differ. */
function same(a, b) {
  return a === b || (a.state === b.state && a.ports === b.ports && a.layers === b.layers);
}

/** An element with a class, text and children; text is never read as markup. */
function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== "" && child !== undefined && child !== null));
  return element;
}
