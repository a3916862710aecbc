// Creates elements from text. No module of the page makes markup from text.

export const byId = (id) => document.getElementById(id);

export const config = JSON.parse(document.body.dataset.config);

export function createElement(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// Changes a text only where it differs, so that a screen reader does not read it again.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A link to a path of this server or to an http(s) address; for any other address, its text alone.
export function createLink(address, text) {
  if (!/^(https?:\/\/|\/(?!\/))/.test(address)) return document.createTextNode(text);
  return createElement("a", { href: address, rel: "noopener noreferrer" }, text);
}
