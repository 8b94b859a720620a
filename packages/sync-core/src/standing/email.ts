/** Which addresses are asked for at a TrueConf Server and shown to clients: those of one mailbox, bounded and plain. */

/** An address worth asking for: `x@y`, bounded, without characters no mailbox has. */
export function emailOf(address: string | undefined): string | undefined {
  const MAX_ADDRESS = 320;
  if (address === undefined || address.length > MAX_ADDRESS) return undefined;
  const email = address.trim().toLowerCase();
  return /^[^\s@<>",;:\\]+@[^\s@<>",;:\\]+$/.test(email) ? email : undefined;
}
