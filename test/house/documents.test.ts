import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { toJsonSchema } from "../../src/config/configJsonSchema.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const manifest = JSON.parse(read("package.json"));
const nls = JSON.parse(read("package.nls.json")) as Record<string, string>;
const titles: string[] = manifest.contributes.commands.map(({ title }: { title: string }) => nls[title.slice(1, -1)]);
const settings = Object.keys(manifest.contributes.configuration.properties);
const documents = [
  ...["README.md", "SUPPORT.md", "SECURITY.md"],
  ...readdirSync(new URL("../../docs", import.meta.url))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

test("docs/editor.md has every command and every setting of the manifest, and no other", () => {
  const page = read("docs/editor.md");
  const named = [...page.matchAll(/\*\*([^*]+)\*\*/g)].map(([, title]) => title!.replaceAll(/\s+/g, " "));
  expect(named.toSorted()).toEqual(titles.toSorted());
  const set = [...page.matchAll(/^\| `(pincer\.[\w.]+)`/gm)].map(([, name]) => name!);
  expect(set.toSorted()).toEqual(settings.toSorted());
});

test("each command that a document names is there, by its title", () => {
  const bare = (title: string) => title.replace(/…$/, "");
  const known = new Set(titles.map(bare));
  const unknown = documents.flatMap((file) =>
    [...read(file).matchAll(/\*Pincer: ([^*]+)\*/g)]
      .map(([, title]) => bare(title!.replaceAll(/\s+/g, " ")))
      .filter((title) => !known.has(title))
      .map((title) => `${file}: ${title}`),
  );
  expect(unknown).toEqual([]);
});

test("each setting that a document names is there", () => {
  const groups = new Set(settings.map((name) => name.split(".")[1]!));
  const unknown = documents.flatMap((file) =>
    [...read(file).matchAll(/(?<=[*`"])pincer\.(\w+)[\w.]*(?=[*`"])/g)]
      .filter(([name, group]) => groups.has(group!) && !settings.includes(name))
      .map(([name]) => `${file}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test("each file and picture that a document leads to is there", () => {
  const gone = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .filter(([, target]) => !existsSync(new URL(target!, new URL(`../../${file}`, import.meta.url))))
      .map(([, target]) => `${file}: ${target}`),
  );
  expect(gone).toEqual([]);
});

test("README's first screen says what it is, moves, has three steps, what it needs, what it sends, and whose it is not", () => {
  const screen = read("README.md").split("\n").slice(0, 20).join("\n");
  expect(screen).toMatch(/^# Pincer\n\nAn agent gateway inside VS Code/);
  const [, film] = /!\[[^\]]{20,}\]\((media\/[\w-]+\.gif)\)/.exec(screen)!;
  const bytes = readFileSync(new URL(`../../${film}`, import.meta.url));
  // One picture after another, and not too heavy for a page.
  expect(bytes.subarray(0, 3).toString()).toBe("GIF");
  expect(bytes.includes("NETSCAPE2.0")).toBe(true);
  expect(bytes.length).toBeLessThan(5_000_000);
  expect([...screen.matchAll(/^(\d)\. /gm)].map(([, step]) => step)).toEqual(["1", "2", "3"]);
  const needs = /\*\*Requirements\*\*: VS Code (\d+\.\d+) or newer/.exec(screen)!;
  expect(manifest.engines.vscode).toContain(needs[1]);
  expect(screen).toMatch(/\*\*Privacy\*\*: no telemetry/);
  expect(screen).toMatch(/not affiliated with OpenClaw/);
});

test("the package has the documents that a user looks for, and nothing of how it is made", () => {
  const lines = read(".vscodeignore").trim().split("\n");
  expect(lines[0]).toBe("**");
  const taken = lines.slice(1).map((line) => line.replace(/^!/, ""));
  expect(taken.toSorted()).toEqual([
    ...["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "SUPPORT.md", "THIRD_PARTY_NOTICES.txt"],
    ...["dist/**", "l10n/**", "media/**", "package.json", "package.nls*.json"],
  ]);
  for (const file of ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "SUPPORT.md"])
    expect(statSync(new URL(`../../${file}`, import.meta.url)).size).toBeGreaterThan(200);
  expect(read("test/steps/package.mjs")).toMatch(/const limitMb = \d;[^]*mb >= limitMb\) throw/);
});

test("troubleshooting has each kind of trouble, and what it tells one to set is there to be set", () => {
  const page = read("docs/troubleshooting.md");
  const sections = page.split(/^## /m).map((one) => one.replaceAll(/\s+/g, " "));
  const place = (words: string) => sections.findIndex((section) => section.includes(words));
  for (const words of [
    ...["**The port is taken.**", "**Behind a proxy.**", "NODE_EXTRA_CA_CERTS", "**No keyring (Linux).**"],
    ...["WSL, SSH, containers", "**Restricted Mode.**", "**Two editors.**", "forks", "remote.portsAttributes"],
  ])
    expect(place(words), words).toBeGreaterThan(0);
  const forwarded = JSON.parse(`{${/`("remote\.portsAttributes": .*?)`/.exec(page)![1]}}`);
  const [range] = Object.keys(forwarded["remote.portsAttributes"]);
  // The ports that the gateway takes by itself.
  expect(nls["setting.port"]).toContain(range!.split("-")[0]);
  expect(nls["setting.port"]).toContain(range!.split("-")[1]);
  const schema = JSON.stringify(toJsonSchema());
  const keys = [...page.matchAll(/`(?:agent|gateway)\.(?!json|log)(\w+)/g)].map(([, key]) => key!);
  expect(keys.length).toBeGreaterThan(2);
  expect(keys.filter((key) => !schema.includes(`"${key}"`))).toEqual([]);
});
