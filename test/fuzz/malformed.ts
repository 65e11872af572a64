/** Pseudo-random numbers that are the same for the same seed, so that a finding can be looked at again. */
export function createDice(seed: number): { below(limit: number): number; pick<T>(list: readonly T[]): T } {
  let state = seed >>> 0;
  const below = (limit: number) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
  return { below, pick: (list) => list[below(list.length)]! };
}

export type Dice = ReturnType<typeof createDice>;

const WORDS = [
  "",
  " ",
  "main",
  "x".repeat(300),
  "\0",
  "../../etc/passwd",
  "é",
  "\u202e",
  "😀",
  "%",
  "null",
  "-1",
  "1e999",
];
const NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "sessionKey",
  "message",
  "task",
  "limit",
  "job",
  "id",
  "tool",
  "args",
];

/** Any JSON value, odd ones above all. */
export function toJsonText(dice: Dice, depth = 0): string {
  switch (dice.below(depth > 4 ? 7 : 11)) {
    case 0:
      return "null";
    case 1:
      return dice.pick(["true", "false"]);
    case 2:
      return dice.pick(["0", "-1", "1e308", "1e999", "0.1", "9007199254740993", "-0"]);
    case 3:
      return dice.pick(['"\\ud800"', '"\\u0000"', '"\\udfff\\ud800"']);
    case 4:
      return "[".repeat(dice.below(60)) + "1" + "]".repeat(dice.below(60));
    case 5:
    case 6:
      return JSON.stringify(dice.pick(WORDS));
    case 7:
      return `[${Array.from({ length: dice.below(4) }, () => toJsonText(dice, depth + 1)).join(",")}]`;
    default:
      return toObjectText(dice, NAMES, depth);
  }
}

export function toObjectText(dice: Dice, names: readonly string[], depth = 0): string {
  const fields = Array.from(
    { length: dice.below(5) },
    () => `${JSON.stringify(dice.pick(names))}:${toJsonText(dice, depth + 1)}`,
  );
  return `{${fields.join(",")}}`;
}

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "CONNECT",
  "BREW",
  "get",
  "G\0T",
  "",
];
const VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.1 x", "", "HTTX/1.1"];
const HEADERS = [
  "Content-Length: -1",
  "Content-Length: 99999999999",
  "Content-Length: 3, 4",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 3",
  "Content-Type: text/plain",
  "Content-Type: application/json; charset=utf-16",
  "Content-Encoding: gzip",
  "Expect: 100-continue",
  "Expect: something",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
  "Origin: null",
  "Origin: http://evil.example",
  "Host: evil.example",
  "X: y\r\n folded",
  ": no name",
  "No colon",
  "Bad\0: x",
  `X-Long: ${"a".repeat(20_000)}`,
  "Last-Event-ID: x",
  "Idempotency-Key: \u0001",
  "Accept: text/event-stream",
  "Range: bytes=0-",
];

/** A request as bytes: from nearly right to no request at all. */
export function toRequestBytes(
  dice: Dice,
  paths: readonly string[],
  { host, token }: { host: string; token: string },
): Buffer {
  if (dice.below(12) === 0) return Buffer.from(Array.from({ length: dice.below(400) }, () => dice.below(256)));
  const query =
    dice.below(3) === 0
      ? `?${dice.pick(["limit=x", "kinds=a,b", "%zz", "a=%ff", "__proto__=1", "=", "&&", "sessionKey=%00"])}`
      : "";
  const target =
    dice.below(6) === 0
      ? dice.pick(["*", "//", "http://evil.example/", "/%", "/\u00e9", "/..%2f", "", "x"])
      : dice.pick(paths) + query;
  const body =
    dice.below(4) === 0 ? dice.pick(["{", '{"a":', "[]", '"x"', "\ufeff{}", "null", ""]) : toObjectText(dice, NAMES);
  const lines = [
    `${dice.below(5) === 0 ? dice.pick(METHODS) : dice.pick(["GET", "POST"])} ${target} ${dice.below(8) === 0 ? dice.pick(VERSIONS) : "HTTP/1.1"}`,
    ...(dice.below(20) === 0 ? [] : [`Host: ${host}`]),
    ...(dice.below(20) === 0 ? [] : [`Authorization: Bearer ${token}`]),
    ...(dice.below(5) === 0 ? [] : ["Content-Type: application/json"]),
    ...(dice.below(3) === 0 ? [dice.pick(HEADERS)] : []),
    ...(dice.below(8) === 0
      ? []
      : [`Content-Length: ${Buffer.byteLength(body) + (dice.below(15) === 0 ? dice.below(5) - 2 : 0)}`]),
    "Connection: close",
  ];
  const bytes = Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1");
  if (dice.below(10) !== 0 || bytes.length === 0) return bytes;
  bytes[dice.below(bytes.length)] = dice.below(256);
  return bytes;
}
