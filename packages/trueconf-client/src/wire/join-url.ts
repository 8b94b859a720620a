/** The page people join by: the server's own word when it is a web address, else built as `https://server/c/<id>` (facts §4). */
export function joinUrl(text: string | undefined, baseUrl: string, id: string): string {
  if (text !== undefined && URL.canParse(text) && /^https?:\/\//i.test(text)) return text;
  return `${baseUrl.replace(/\/+$/, '')}/c/${encodeURIComponent(id)}`;
}
