// Elements made of text. Nothing here, or in any file beside it, makes markup of text.

export const byId = (id) => document.getElementById(id);

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Changes a text only where it differs: what a screen reader is at stays as it is.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A link to a page of ours or to an address that starts as one does; else its words alone.
export function link(address, words) {
  if (!/^(https?:\/\/|\/(?!\/))/.test(address)) return document.createTextNode(words);
  return element("a", { href: address, rel: "noopener noreferrer" }, words);
}
