const LETTERS = 100_000;

const WORDS = "a line of the answer that is neither short nor long, with `code` and **weight**. ";
const TYPESCRIPT = "export const total = rows.reduce((sum, row) => sum + row.count, 0);\n";
const LANGUAGES: Record<string, string> = {
  ts: TYPESCRIPT,
  python: "def total(rows: list[Row]) -> int:\n    return sum(row.count for row in rows)  # all of them\n",
  bash: 'for name in $(ls "$folder"); do echo "${name%.*}"; done # without its end\n',
  json: '{ "name": "total", "count": 12, "parts": [true, null, "a \\"word\\""] }\n',
  cpp: "template <typename T> T total(const std::vector<T>& rows) { return std::accumulate(rows.begin(), rows.end(), T{}); }\n",
  html: '<li class="row"><a href="/rows/1" title="first">One &amp; two</a></li>\n',
  sql: "SELECT name, count(*) AS total FROM rows WHERE seen > '2026-01-01' GROUP BY name;\n",
};
const toRow = (at: number) => `| a name | \`code\` | **${at}** | [file](src/a.ts#L${at}) and some words |\n`;
const FORMULA =
  "Then $x_{i+1}^2 = \\frac{a_i * b_i}{c_i}$ and \\(f(x)[0] = \\sum_{n=1}^\\infty \\left[ a_n \\right]\\) hold. ";

/** Texts of 100 KB, and some of more, of the kinds that models write. */
export const longTexts: Record<string, string> = {
  paragraphs: fill(`${WORDS.repeat(6)}\n\n${toBlock("ts", TYPESCRIPT)}`),
  "one paragraph": fill(WORDS),
  "one code block": `\`\`\`ts\n${fill(TYPESCRIPT)}`,
  "code blocks of seven languages": fill(
    Object.entries(LANGUAGES)
      .map(([language, code]) => `In ${language}:\n\n${toBlock(language, code.repeat(12))}`)
      .join(""),
  ),
  tables: fill(`${toTable(12)}\nAnd of the next:\n\n`),
  "one table": toTable(1500).slice(0, LETTERS),
  lists: fill(`${toList(20)}\nAnd then:\n\n`),
  "one list": toList(1200).slice(0, LETTERS),
  formulas: fill(`${FORMULA.repeat(5)}\n\n$$\n\\int_0^1 *x_1* _y_2 [z](w) \\, dx\n$$\n\n`),
  "one line without space": fill("data:application/octet-stream;base64,QUJDREVGR0g_SUpL*TU5P/UFFSU1RVVldYWVo+MDEyMzQ1"),
  "code block of 5,000 lines": toBlock("ts", TYPESCRIPT.repeat(5000)),
  "stack of quotes": fill(`> ${WORDS}\n> > ${WORDS}\n> > > ${WORDS}\n\n`),
};

function fill(unit: string): string {
  return unit.repeat(Math.ceil(LETTERS / unit.length)).slice(0, LETTERS);
}

function toBlock(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\`\`\`\n\n`;
}

function toTable(rows: number): string {
  return `| Name | Kind | Count | What for |\n| --- | --- | ---: | --- |\n${Array.from({ length: rows }, (_, at) => toRow(at)).join("")}`;
}

function toList(items: number): string {
  return Array.from({ length: items }, (_, at) => `${at % 3 === 0 ? "" : "  "}- ${at}: ${WORDS}\n`).join("");
}
