/** xs:boolean in requests: clients write `true` and `false`, or `1` and `0`. */
export function isTrue(text: string | undefined): boolean {
  const value = text?.trim();
  return value === 'true' || value === '1';
}

/** Whether a text says no; an absent one does not. */
export function isFalse(text: string | undefined): boolean {
  const value = text?.trim();
  return value === 'false' || value === '0';
}
