import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Copied into the package as they are, so that no bundle names them. */
const copied = ["@vscode/codicons", "playwright-core"];

/**
 * Writes THIRD_PARTY_NOTICES.txt: each package that is in the bundles, with its licence in its own words. `inputs` are the
 * files that the bundles were made of. Throws for a package that says nothing of its licence.
 */
export function writeNotices(inputs) {
  const folders = new Set(inputs.map(packageFolder).filter(Boolean));
  for (const name of copied) folders.add(`node_modules/${name}`);
  const notices = [...folders].map(readNotice).toSorted((a, b) => (a.title < b.title ? -1 : 1));
  const text = notices.map(({ title, licence }) => `${"-".repeat(80)}\n${title}\n\n${licence.trim()}\n`).join("\n");
  writeFileSync("THIRD_PARTY_NOTICES.txt", `Pincer contains the following packages, under these licences.\n\n${text}`);
}

/** "node_modules/a/node_modules/@b/c/lib/d.js" -> "node_modules/a/node_modules/@b/c". */
function packageFolder(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function readNotice(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file));
  const texts = files.toSorted().map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  if (texts.length === 0 && !license) throw new Error(`${folder} says nothing of its licence`);
  const holder = typeof author === "string" ? author : author?.name;
  const short = `${license} licence${holder ? `, by ${holder}` : ""}`;
  return { title: `${name} ${version} (${license ?? "see below"})`, licence: texts.join("\n\n") || short };
}
