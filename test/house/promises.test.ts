import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTree } from "./tree.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** What SECURITY.md promises, sentence by sentence, without its labels. */
function promises(): string[] {
  const part = /## What Pincer defends\n([^]*?)\n\ndocs\/promises\.md/.exec(read("SECURITY.md"))![1]!;
  const points = part.split(/^- /m).slice(1);
  return points.flatMap((point) =>
    point
      .replace(/^\*\*(Approvals|Workspace trust|Provenance)\.\*\* /, "")
      .replaceAll("**", "")
      .replaceAll(/\s+/g, " ")
      .trim()
      .split(/(?<=\.) (?=[A-Z`])/),
  );
}

interface NamedTest {
  file: string;
  title: string;
}

/** The rows of the table: a promise, and the tests that show it. */
function table(): { promise: string; tests: NamedTest[] }[] {
  const rows = [...read("docs/promises.md").matchAll(/^\| (?!promise|---)(.+?) \| (.+) \|$/gm)];
  return rows.map(([, promise = "", tests = ""]) => ({ promise, tests: toTests(tests) }));
}

/** What users may expect: how far it is so, and the tests that show it. */
function expectations(): { expectation: string; shown: string; tests: NamedTest[] }[] {
  const rows = [...read("docs/expectations.md").matchAll(/^\| (?!expectation|---)(.+?) \| (.+?) \|(.*)\|$/gm)];
  return rows.map(([, expectation = "", shown = "", tests = ""]) => ({
    expectation,
    shown,
    tests: tests.trim() === "" ? [] : toTests(tests.trim()),
  }));
}

function toTests(cell: string): NamedTest[] {
  return cell.split("<br>").map((one) => {
    const [, file = "", title = ""] = /^`([^`]+)` (.+)$/.exec(one) ?? [];
    return { file: `test/${file}`, title };
  });
}

function isThere({ file, title }: NamedTest): boolean {
  return title !== "" && existsSync(file) && read(file).includes(title);
}

test("each sentence that SECURITY.md promises stands in the table, and no other", () => {
  expect(promises().length).toBeGreaterThan(20);
  expect(table().map(({ promise }) => promise)).toEqual(promises());
});

test("each test that the table names is there", () => {
  const gone = table().flatMap(({ tests }) => tests.filter((one) => !isThere(one)));
  expect(gone).toEqual([]);
});

test("what users may expect says how far it is so, and the tests that it names are there", () => {
  const rows = expectations();
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.flatMap(({ tests }) => tests.filter((one) => !isThere(one)))).toEqual([]);
  // What is not so, or not shown, says what it lacks; what is so has a test.
  const unclear = rows.filter(({ shown, tests }) =>
    /^(?:yes$|yes, )/.test(shown) ? tests.length === 0 : !/^(?:partly|no): ./.test(shown),
  );
  expect(unclear.map(({ expectation }) => expectation)).toEqual([]);
  const undecided = rows.filter(({ shown, tests }) => shown.startsWith("no") === tests.length > 0);
  expect(undecided.map(({ expectation }) => expectation)).toEqual([]);
});

const source = readTree(["src", "webview-ui"], [".ts", ".tsx"]);

test("no server is named but those of the providers, of search engines and of channels", () => {
  const named = [...source].flatMap(([file, text]) => {
    const code = text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
    return [...code.matchAll(/\b(?:https?|wss?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)].map(
      ([, host]) => `${host} in ${file}`,
    );
  });
  expect(named.filter((one) => !KNOWN.test(one))).toEqual([]);
});

// The providers; this machine; what stands in texts and examples, and is never connected to.
const KNOWN = new RegExp(
  [
    "(api\\.anthropic\\.com|api\\.openai\\.com|generativelanguage\\.googleapis\\.com|openrouter\\.ai|127\\.0\\.0\\.1|([a-z]+\\.)?example\\.(com|org)) in .*",
    "api\\.(search\\.brave|tavily)\\.com in src/tools/web/backends/.*",
    "(www\\.apple\\.com|schemas\\.microsoft\\.com) in src/cli/service/.*",
    "api\\.telegram\\.org in src/channels/telegram/.*",
    "discord\\.com in src/channels/discord/.*",
    "(api\\.telegram\\.org|t\\.me|discord\\.com) in src/vscode/choices/.*",
    "nodejs\\.org in src/cli.*",
    "github\\.com in src/gateway/phones/push/sendPush\\.ts",
    "(github\\.com|platform\\.openai\\.com|modelcontextprotocol\\.io) in src/gateway/docs/.*",
    "[a-z.]+ in src/providers/shared/prices\\.ts",
  ]
    .map((one) => `^${one}$`)
    .join("|"),
);

test("no side of the panel knows of a token", () => {
  // A phone has one of its own.
  const panel = /^(src\/vscode\/chat|webview-ui\/(?!phone\/))/;
  const files = [...source].filter(([file]) => panel.test(file));
  expect(files.length).toBeGreaterThan(50);
  const knowing = files.filter(([, text]) =>
    /\.token\(|PINCER_TOKEN|Bearer |readGatewayFile|authorization/i.test(text),
  );
  expect(knowing.map(([file]) => file)).toEqual([]);
});
