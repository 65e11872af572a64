/** All loopback addresses are one, and an IPv6 network is one: whoever has one address there has them all. */
export function toAddressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isLoopback(plain)) return "loopback";
  return plain.includes(":") ? plain.split(":").slice(0, 4).join(":") : plain;
}

/** For a bind host, and for the address of a peer. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain === "localhost" || plain === "::1" || /^127\.\d+\.\d+\.\d+$/.test(plain);
}
