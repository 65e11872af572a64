/**
 * Makes what is shown the same as what is wanted, and leaves all that is in both where it is: an element that stays keeps the
 * keyboard's focus, its scroll place and what is selected in it. An element is the same by its `data-key`; one without by its
 * kind and its place among the others.
 */
export function redraw(shown: Element, wanted: Element): void {
  redrawAttributes(shown, wanted);
  let at = shown.firstChild;
  // What is taken out of `wanted` is no longer among its children.
  for (const child of [...wanted.childNodes]) {
    const same = findSame(at, child);
    if (same === null) {
      shown.insertBefore(child, at);
      continue;
    }
    // To move an element takes the focus from it; so those before it go, and come back when they are wanted.
    while (at !== same) at = drop(at);
    if (isElement(same) && isElement(child)) redraw(same, child);
    else if (same.nodeValue !== child.nodeValue) same.nodeValue = child.nodeValue;
    at = same.nextSibling;
  }
  while (at) at = drop(at);
}

function redrawAttributes(shown: Element, wanted: Element): void {
  for (const { name } of [...shown.attributes]) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of [...wanted.attributes])
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
}

function findSame(from: ChildNode | null, wanted: ChildNode): ChildNode | null {
  const key = keyOf(wanted);
  if (key === undefined) return from?.nodeName === wanted.nodeName && keyOf(from) === undefined ? from : null;
  for (let at = from; at; at = at.nextSibling) if (at.nodeName === wanted.nodeName && keyOf(at) === key) return at;
  return null;
}

function keyOf(node: ChildNode): string | undefined {
  return isElement(node) ? (node.getAttribute("data-key") ?? undefined) : undefined;
}

function isElement(node: ChildNode): node is ChildNode & Element {
  return node.nodeType === 1;
}

function drop(node: ChildNode | null): ChildNode | null {
  const next = node?.nextSibling ?? null;
  node?.remove();
  return next;
}
