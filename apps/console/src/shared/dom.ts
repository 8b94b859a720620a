/** Elements made by name and content. Text is always text: nothing here parses HTML, so nothing a meeting says can run. */
export type Child = Node | string | undefined | false;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | ((event: Event) => void) | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...present(children));
  return made;
}

/**
 * New content for a place. The control that had the focus keeps it when one with the same `data-key` comes back: pages
 * that show themselves anew every few seconds would otherwise throw out who uses the keyboard.
 */
export function fill(place: HTMLElement, ...children: readonly Child[]): void {
  const focused = place.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : undefined;
  place.replaceChildren(...present(children));
  if (focused) focusKey(place, focused);
}

export function focusKey(place: HTMLElement, key: string): void {
  place.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

function present(children: readonly Child[]): readonly (Node | string)[] {
  return children.filter((child): child is Node | string => child !== undefined && child !== false);
}

/** The element with this id; the page is ours, so a missing one is our mistake. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

/** Web links only: an address from an invitation must not run code when clicked. */
export function webLink(url: string): string | undefined {
  try {
    const { protocol, href } = new URL(url);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}
