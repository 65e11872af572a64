/** Text with HTML character references resolved: numbered ones, and the named ones that pages really use. */
export function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]\w{1,10});/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return NAMED.get(name) ?? accented(name) ?? whole;
    const code = Number.parseInt(name.replace(/^#x?/i, ""), /^#x/i.test(name) ? 16 : 10);
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : "\ufffd";
  });
}

const NAMED = new Map(
  (
    "amp& lt< gt> quot\" apos' iexcl¡ cent¢ pound£ yen¥ sect§ copy© laquo« reg® deg° plusmn± para¶ middot· raquo» iquest¿ " +
    "times× divide÷ ndash– mdash— lsquo‘ rsquo’ ldquo“ rdquo” bdquo„ bull• hellip… prime′ euro€ trade™ " +
    "larr← uarr↑ rarr→ darr↓ minus− infin∞ ne≠ le≤ ge≥ szligß oslashø OslashØ aeligæ AEligÆ"
  )
    .split(" ")
    .map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const),
).set("nbsp", " ");

const MARKS = new Map([
  ["grave", "\u0300"],
  ["acute", "\u0301"],
  ["circ", "\u0302"],
  ["tilde", "\u0303"],
  ["uml", "\u0308"],
  ["ring", "\u030a"],
  ["cedil", "\u0327"],
]);

/** "eacute" is an e with its mark. */
function accented(name: string): string | undefined {
  const mark = MARKS.get(name.slice(1));
  return mark === undefined ? undefined : (name.charAt(0) + mark).normalize("NFC");
}
