/** What Discord shows of a message: its text, and which of it in which style. */
export interface Shown {
  text: string;
  spans: { is: string; text: string }[];
}

interface Rule {
  is: string;
  fits: RegExp;
  /** Only where a line begins. */
  atStart?: boolean;
  /** Which group is its text; what is in it is read too, unless it is code or an address. */
  inner?: boolean;
}

// In the order in which Discord's own reader tries them.
const RULES: Rule[] = [
  { is: "quote", fits: /> ([^\n]*)/y, atStart: true, inner: true },
  { is: "heading", fits: /(?:-#|#{1,3}) +([^\n]+)/y, atStart: true, inner: true },
  { is: "list", fits: /[ \t]*(?:[-+*]|\d+\.) +([^\n]+)/y, atStart: true, inner: true },
  { is: "block", fits: /```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][^]*?)\n*```/iy },
  { is: "escape", fits: /\\([^0-9A-Za-z\s])/y },
  { is: "mention", fits: /(<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|t:-?\d+(?::[tTdDfFR])?|\/[^>]+:\d+|id:\w+)>)/y },
  { is: "mention", fits: /(@everyone|@here)/y },
  { is: "emoji", fits: /(:[\w+-]+(?:::skin-tone-\d)?:)/y },
  { is: "link", fits: /<([^: >]+:\/[^ >\n]+)>/y },
  { is: "masked", fits: /\[((?:\\[^]|[^\\\]])+?)\]\(<([^ >\n]+)>\)/y, inner: true },
  { is: "link", fits: /((?:https?|steam):\/\/[^\s<]+[^<.,:;"'\]\s])/y },
  { is: "italic", fits: /_((?:__|\\[^]|[^\\_])+?)_(?!\w)/y, inner: true },
  {
    is: "italic",
    fits: /\*(?=\S)((?:\*\*|\\[^]|\s+(?:\\[^]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y,
    inner: true,
  },
  { is: "bold", fits: /\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y, inner: true },
  { is: "underline", fits: /__((?:\\[^]|[^\\])+?)__(?!_)/y, inner: true },
  { is: "strike", fits: /~~([^]+?)~~(?!_)/y, inner: true },
  { is: "spoiler", fits: /\|\|([^]+?)\|\|/y, inner: true },
  { is: "code", fits: /(`+)([^]*?[^`])\1(?!`)/y },
];

/** Reads a message as Discord's apps do. */
export function showDiscordMarkdown(source: string): Shown {
  const spans: Shown["spans"] = [];
  return { text: read(source, spans, true), spans };
}

function read(source: string, spans: Shown["spans"], isTop: boolean): string {
  let text = "";
  for (let at = 0; at < source.length;) {
    const isStart = isTop && (at === 0 || source[at - 1] === "\n");
    const found = firstRule(source, at, isStart);
    if (!found) {
      text += source[at++];
      continue;
    }
    const { rule, match } = found;
    at += match[0].length;
    const inner = rule.is === "code" ? match[2]!.replace(/^ (?= *`)|(` *) $/g, "$1") : match[1]!;
    const shown = rule.inner ? read(inner, spans, false) : inner;
    if (rule.is !== "escape")
      spans.push({ is: rule.is, text: rule.is === "masked" ? `${shown} -> ${match[2]}` : shown });
    text += shown;
  }
  return text;
}

function firstRule(source: string, at: number, isStart: boolean): { rule: Rule; match: RegExpExecArray } | undefined {
  for (const rule of RULES) {
    if (rule.atStart && !isStart) continue;
    rule.fits.lastIndex = at;
    const match = rule.fits.exec(source);
    if (match) return { rule, match };
  }
  return undefined;
}
