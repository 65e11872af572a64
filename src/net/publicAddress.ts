import { BlockList, isIP, isIPv4 } from "node:net";

/** What an IP address is, as far as a guard cares: "public" is the only kind the outside world lives at. */
export type AddressKind = "public" | "loopback" | "private";

/** The kind of an IP address as text. IPv6 forms that carry an IPv4 address are judged by that one. Not an address: "private". */
export function addressKind(address: string): AddressKind {
  const bare = address.replace(/%.*$/, "");
  if (isIPv4(bare)) return kindOf4(bare);
  if (isIP(bare) !== 6) return "private";
  const words = toWords(bare);
  const inner = innerIPv4(words);
  if (inner !== undefined) return kindOf4(inner);
  if (LOOPBACK.check(bare, "ipv6")) return "loopback";
  // Only 2000::/3 has been given out; unique-local, link-local, multicast and the rest are all outside it.
  return (words[0]! & 0xe000) === 0x2000 && !RESERVED.check(bare, "ipv6") ? "public" : "private";
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

const RESERVED = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // A cloud's metadata and agent endpoint that lives in public space.
  ["168.63.129.16", 32],
] as const) {
  RESERVED.addSubnet(net, bits, "ipv4");
}
// Teredo and its neighbours, documentation, 6to4.
RESERVED.addSubnet("2001::", 23, "ipv6");
RESERVED.addSubnet("2001:db8::", 32, "ipv6");
RESERVED.addSubnet("2002::", 16, "ipv6");
RESERVED.addSubnet("3fff::", 20, "ipv6");

function kindOf4(address: string): AddressKind {
  if (LOOPBACK.check(address, "ipv4")) return "loopback";
  return RESERVED.check(address, "ipv4") ? "private" : "public";
}

/** The IPv4 address inside a mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96) or NAT64 (64:ff9b::/96) one. */
function innerIPv4(words: number[]): string | undefined {
  const head = words
    .slice(0, 6)
    .map((word) => word.toString(16))
    .join(":");
  if (!["0:0:0:0:0:ffff", "0:0:0:0:ffff:0", "64:ff9b:0:0:0:0"].includes(head)) return undefined;
  return words
    .slice(6)
    .flatMap((word) => [word >> 8, word & 0xff])
    .join(".");
}

/** The eight words of an IPv6 address. */
export function toWords(address: string): number[] {
  const dotted = /(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/;
  const plain = address.replace(dotted, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(":"),
  );
  const [left = "", right] = plain.split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right ? right.split(":") : [];
  const gap = right === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(gap).fill("0"), ...after].map((word) => Number.parseInt(word, 16));
}
