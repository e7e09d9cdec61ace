// Elements of the page. All text goes in as text nodes, made visible: nothing from a bundle is ever markup.

function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key === "onclick" || key === "oninput" || key === "onchange") {
            element.addEventListener(key.slice(2), value);
        } else if (value !== undefined && value !== null && value !== false) {
            element.setAttribute(key, value === true ? "" : String(value));
        }
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
        .map((child) => (child instanceof Node ? child : visible(child))));
    return element;
}

// Null is no child.
function replace(target, ...children) {
    target.replaceChildren(...children.flat(Infinity).filter(Boolean));
    return target;
}

const byId = (id) => document.getElementById(id);

// The state of a check, a signature or a document as a word with a colour; the word alone says it.
function chip(state, text = WORDS[state] ?? STATES[state] ?? state) {
    const tone = { good: "good", bad: "bad", unchecked: "open", running: "calm", refused: "quiet", rejected: "quiet", lapsed: "quiet", withdrawn: "quiet",
        waiting: "open", returned: "open" }[state] ?? "calm";
    return el("span", { class: `chip ${tone}` }, text);
}

// A hash or key: short, with the whole of it on hovering, selecting and in print.
function hashOf(text) {
    return el("code", { class: "hash" }, text ?? "");
}

function amountCell(text) {
    return el("td", { class: "number" }, shownAmount(text ?? ""));
}

// Each cell knows the head of its column: on a phone a row is a card.
function table(heads, rows) {
    for (const row of rows) {
        [...row.children].forEach((cell, i) => heads[i] && cell.setAttribute("data-head", heads[i]));
    }
    const numbers = [...rows[0]?.children ?? []].map((cell) => cell.className === "number");
    return el("div", { class: "wide" }, el("table", {},
        el("thead", {}, el("tr", {}, heads.map((head, i) => el("th", { scope: "col", class: numbers[i] ? "number" : null }, head)))), el("tbody", {}, rows)));
}

function pairs(items) {
    return el("dl", {}, items.filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function entryLink(seq) {
    return el("a", { href: `#entry=${seq}` }, `entry ${counted(seq)}`);
}

function documentLink(name) {
    return el("a", { href: `#document=${encodeURIComponent(name)}` }, name);
}
